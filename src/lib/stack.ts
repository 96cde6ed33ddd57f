import { clip } from './clip.ts'
import { errorsIn, isError, peek, textOf } from './error-details.ts'
import { attempt } from './flow/attempt.ts'

/**
 * The frames of an error's stack in user code, one `at name (file:line:column)` per line: first those of the program,
 * then those of its packages. The causes follow. At most 8 KiB. Undefined if
 * there is none of these.
 */
export function userStack(error: Pick<Error, 'stack' | 'message'>): string | undefined {
  const frames = userFrames(error)
  // the message of an error of ours says its reason
  if (!frames && peek(error, MARK)) return undefined
  let text = ''
  for (const line of [...(frames ?? []).map(lineOf), ...causesOf(error)]) {
    const next = `${text && '\n'}${line}`.replace(/[^\P{Cc}\n]/gu, '')
    if (text.length + next.length > MAX_STACK) break
    text += next
  }
  return text || undefined
}

const MARK = Symbol.for('antiphon.error')

function userFrames(error: object): readonly Frame[] | undefined {
  const [stack, message] = [peek(error, 'stack'), textOf(peek(error, 'message'))]
  if (typeof stack !== 'string') return undefined
  const frames = framesIn(afterMessage(stack, message))
  const first = frames.findIndex(({ file }) => !isOurs(file))
  if (first === -1) return undefined
  const length = frames.slice(first).findIndex(({ file }) => isOurs(file))
  // an internal error that a caller awaits: the caller's frames did not throw it
  if (first > 0 && length === -1) return undefined
  const own = length === -1 ? frames : frames.slice(first, first + length)
  const [program, packages] = [own.filter(isProgram), own.filter((frame) => !isProgram(frame))]
  return program.length > 0 ? [...program, ...packages] : undefined
}

/** The errors behind an error, each with its frames: its cause, then those that it joins. A circle is cut. */
function causesOf(error: object, above: readonly object[] = [error]): readonly string[] {
  if (above.length > MAX_CAUSES) return []
  const causes = [peek(error, 'cause'), ...errorsIn(error)].filter((one) => isError(one) && !above.includes(one))
  return (causes as readonly object[]).slice(0, MAX_CAUSES).flatMap((cause) => {
    const [name, message, code] = ['name', 'message', 'code'].map((field) => textOf(peek(cause, field))) as Words
    const words = clip(message.replaceAll('\n', ' '), MAX_CAUSE)
    const coded = code === '' || words.includes(code) ? words : `${words} (${clip(code, MAX_CAUSE)})`.trimStart()
    const frames = userFrames(cause)?.map(lineOf) ?? []
    return [`caused by ${name}: ${coded}`, ...frames, ...causesOf(cause, [...above, cause])]
  })
}

type Words = [name: string, message: string, code: string]

/** The lines of a stack that say which errors caused it. */
export const causeLines = (stack = ''): readonly string[] =>
  stack.split('\n').filter((line) => line.startsWith('caused by '))

/** The position of the first frame in user code. */
export function firstFrame(stack: string | undefined): { file: string; line: number; column: number } | undefined {
  const [frame] = framesIn(stack ?? '').filter(({ file }) => isOfUser(file))
  return frame && { file: frame.file, line: frame.line, column: frame.column }
}

/** The place of the user code that called, as `file:line`. Only its frame is read: that is what costs. */
export const placeOfCaller = (): string | undefined => placeWithin(USUAL_FRAMES) ?? placeWithin(MAX_CALLER_FRAMES)

const USUAL_FRAMES = 7
const MAX_CALLER_FRAMES = 16

function placeWithin(depth: number): string | undefined {
  const { stackTraceLimit, prepareStackTrace } = Error
  let place: string | undefined
  Error.stackTraceLimit = depth
  Error.prepareStackTrace = (error, sites) => {
    const caller = sites.find((site) => isUserFile(site.getFileName()))
    place = caller && placeOf(caller, () => prepareStackTrace?.(error, [caller]) ?? `at ${caller}`)
  }
  // reading its stack calls the function above
  void new Error().stack
  Object.assign(Error, { stackTraceLimit, prepareStackTrace })
  return place
}

/** Places by where their code was compiled: a source map costs, and says the same each time. */
const places = new Map<string, string | undefined>()
/** Whether a file is one of users, by its address. */
const userFiles = new Map<string, boolean>()
const MAX_REMEMBERED = 4096

function placeOf(caller: NodeJS.CallSite, text: () => string): string | undefined {
  const key = `${caller.getFileName()}:${caller.getLineNumber()}:${caller.getColumnNumber()}`
  if (places.has(key)) return places.get(key)
  const frame = firstFrame(text())
  const place = frame && `${frame.file.split(/[\\/]/).at(-1)}:${frame.line}`
  return remember(places, key, place)
}

function isUserFile(url: string | null): boolean {
  if (url === null) return false
  return userFiles.get(url) ?? remember(userFiles, url, !url.startsWith('node:') && isOfUser(pathOf(url)))
}

const isOfUser = (file: string) => !isOurs(file) && !PACKAGE.test(file)

function remember<Value>(known: Map<string, Value>, key: string, value: Value): Value {
  if (known.size >= MAX_REMEMBERED) known.clear()
  known.set(key, value)
  return value
}

type Frame = {
  readonly name: string | undefined
  readonly file: string
  readonly line: number
  readonly column: number
}

const FRAME = /^\s*at (?:(.+?) \()?(?:async )?((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()]*?)(?:\?[^():]*)?:(\d+):(\d+)\)?$/
const PACKAGE = /[\\/]node_modules[\\/]/
const MAX_STACK = 8192
const MAX_CAUSES = 5
/** Characters. */
const MAX_CAUSE = 500
const MAX_FRAMES = 100
/** Characters of a line of a stack: a message may stand in it. */
const MAX_LINE = 1_000

/** Cuts off the message, which may look like a frame or contain secrets. */
function afterMessage(stack: string, message: string): string {
  const at = message === '' ? -1 : stack.indexOf(message)
  return at === -1 ? stack : stack.slice(at + message.length)
}

function framesIn(stack: string): readonly Frame[] {
  return stack.split('\n', MAX_FRAMES).flatMap((line) => {
    const [, name, file, row, column] = FRAME.exec(line.slice(0, MAX_LINE)) ?? []
    return file === undefined ? [] : [{ name, file: pathOf(file), line: Number(row), column: Number(column) }]
  })
}

function lineOf({ name, file, line, column }: Frame): string {
  const place = `${file}:${line}:${column}`
  return `at ${name === undefined ? place : `${name} (${place})`}`
}

function pathOf(file: string): string {
  if (!file.startsWith('file://')) return file
  return attempt(() => decodeURI(file.slice('file://'.length)), file)
}

const ROOT = pathOf(new URL('../..', import.meta.url).href)
const OURS = ['src/', 'trials/', 'dist/', 'bin/'].map((folder) => ROOT + folder)
const isProgram = ({ file }: Frame) => !PACKAGE.test(file)
const isOurs = (file: string) => OURS.some((folder) => file.startsWith(folder))
