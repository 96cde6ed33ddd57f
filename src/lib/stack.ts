/**
 * The frames of an error's stack in user code, one `at name (file:line:column)` per line, without
 * the message, at most 2 KB. Undefined if no user code is involved.
 */
export function userStack({ stack, message }: Pick<Error, 'stack' | 'message'>): string | undefined {
  if (typeof stack !== 'string') return undefined
  const frames = framesIn(afterMessage(stack, String(message)))
  const first = frames.findIndex(({ file }) => !isOurs(file))
  if (first === -1) return undefined
  const length = frames.slice(first).findIndex(({ file }) => isOurs(file))
  // an internal error that a caller awaits: the caller's frames did not throw it
  if (first > 0 && length === -1) return undefined
  const own = length === -1 ? frames : frames.slice(first, first + length)
  return own.some(({ file }) => !PACKAGE.test(file)) ? textOf(own) : undefined
}

/** The position of the first frame in user code. */
export function firstFrame(stack: string | undefined): { file: string; line: number; column: number } | undefined {
  const [frame] = framesIn(stack ?? '').filter(({ file }) => !isOurs(file) && !PACKAGE.test(file))
  return frame && { file: frame.file, line: frame.line, column: frame.column }
}

type Frame = {
  readonly name: string | undefined
  readonly file: string
  readonly line: number
  readonly column: number
}

const FRAME = /^\s*at (?:(.+?) \()?(?:async )?((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()]*?)(?:\?[^():]*)?:(\d+):(\d+)\)?$/
const PACKAGE = /[\\/]node_modules[\\/]/
const MAX_STACK = 2048
const MAX_FRAMES = 100

/** Cuts off the message, which may look like a frame or contain secrets. */
function afterMessage(stack: string, message: string): string {
  const at = message === '' ? -1 : stack.indexOf(message)
  return at === -1 ? stack : stack.slice(at + message.length)
}

function framesIn(stack: string): readonly Frame[] {
  return stack.split('\n', MAX_FRAMES).flatMap((line) => {
    const [, name, file, row, column] = FRAME.exec(line) ?? []
    return file === undefined ? [] : [{ name, file: pathOf(file), line: Number(row), column: Number(column) }]
  })
}

function textOf(frames: readonly Frame[]): string {
  let text = ''
  for (const { name, file, line, column } of frames) {
    const place = `${file}:${line}:${column}`
    const next = `${text && '\n'}at ${name === undefined ? place : `${name} (${place})`}`.replace(/[^\P{Cc}\n]/gu, '')
    if (text.length + next.length > MAX_STACK) break
    text += next
  }
  return text
}

function pathOf(file: string): string {
  if (!file.startsWith('file://')) return file
  try {
    return decodeURI(file.slice('file://'.length))
  } catch {
    return file
  }
}

const ROOT = pathOf(new URL('../..', import.meta.url).href)
const OURS = ['src/', 'trials/', 'dist/', 'bin/'].map((folder) => ROOT + folder)
const isOurs = (file: string) => OURS.some((folder) => file.startsWith(folder))
