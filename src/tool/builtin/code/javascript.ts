import { basename, join, normalize } from 'node:path'
import { z } from 'zod'
import { CancelledError, InvalidError } from '../../../errors.ts'
import { DEFAULT_SANDBOX_LIMITS } from '../../../sandbox/sandbox.ts'
import type { ScriptResult } from '../../../sandbox/script/evaluate.ts'
import { defineTool, type ToolContext, ToolFailure } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { cutFields } from '../captured-output.ts'
import { pathsAt } from '../filesystem/path.ts'
import { readTextFile } from '../filesystem/read.ts'
import { saveBytes } from '../filesystem/save.ts'
import { adviceOnCode } from './advice.ts'
import { codeInput, sandboxName } from './input.ts'

const MAX_OUTPUT_CHARACTERS = 4_000_000

/**
 * `javascript-executor:execute`: runs JavaScript in QuickJS, which knows no files, no network
 * and nothing of Node.js. The code is the body of an async function: it finds its values in
 * `inputs` and the texts of `files` by name, and what it returns is `value`. A file that it
 * makes by `write(name, text)` goes to `output_dir`. Code that throws is a ToolFailure.
 */
export const javascriptTool = Object.assign(
  defineTool({
    name: 'javascript-executor:execute',
    description: 'Runs JavaScript in its own sandbox, without file or network access',
    input: z.strictObject(codeInput),
    output: z.object({
      value: anyJson,
      stdout: z.string(),
      files: z.array(z.string()),
      sandbox: sandboxName,
      execution_time: z.number(),
      truncated: cutFields.truncated,
      stdout_size: cutFields.stdout_size.describe('characters'),
    }),
    effect: 'idempotent',
    paths: ['output_dir'],
    changes: pathsAt(['output_dir']),
    async execute({ code, inputs, files, output_dir: folder, timeout }, context) {
      const { evaluateScript } = await import('../../../sandbox/script/evaluate.ts')
      const bounds = (await context.services?.sandboxes())?.limits ?? DEFAULT_SANDBOX_LIMITS
      const seconds = timeout ?? bounds.seconds
      const limits = { memory: bounds.memory, seconds, output: MAX_OUTPUT_CHARACTERS }
      const script = { code, inputs, files: await textsOf(files, context), limits }
      const end = await evaluateScript(script, context.signal)
      const common = { ...printed(end, context), sandbox: 'quickjs', execution_time: Math.round(end.elapsed) / 1000 }
      if (end.ended !== 'value') throw failureOf(end, seconds, { value: null, files: [], ...common })
      return { value: end.value, files: await save(end.written, folder, context), ...common }
    },
  }),
  { adviceOn: adviceOnCode },
)

/** The printed lines. A note of the call says if some are missing. */
function printed({ printed: stdout, dropped = 0 }: ScriptResult, { tell }: ToolContext) {
  if (dropped === 0) return { stdout }
  const size = stdout.length + dropped
  tell?.({ lacks: `stdout has ${size} characters, and the result only the first ${stdout.length}` })
  return { stdout, truncated: true as const, stdout_size: size }
}

async function textsOf(paths: readonly string[], context: ToolContext): Promise<{ [name: string]: string }> {
  const texts = await Promise.all(
    paths.map(async (path) => [basename(path), await readTextFile(path, context)] as const),
  )
  return Object.fromEntries(texts)
}

async function save(
  written: { readonly [name: string]: string },
  folder: string | undefined,
  context: ToolContext,
): Promise<string[]> {
  const names = Object.keys(written)
  if (names.length > 0 && folder === undefined)
    throw new InvalidError(`The code wrote ${names.length} files, and the step does not say where to put them.`, {
      hint: 'Set `output_dir` to a folder.',
    })
  const targets = names.map((name) => ({ name, target: join(folder!, inFolder(name)) }))
  for (const { name, target } of targets) await saveBytes(target, Buffer.from(written[name]!), context)
  return targets.map(({ target }) => target)
}

/** The last part of a path that names a folder: `.`, `..`, or nothing. */
const ENDS_IN_FOLDER = /(?:^|\/)\.{0,2}$/

function inFolder(name: string): string {
  const plain = normalize(name)
  const isFile = [name, plain].every((one) => !ENDS_IN_FOLDER.test(one))
  if (isFile && !/^(?:\.\.)?\//.test(plain) && !plain.includes('\0')) return plain
  throw new InvalidError(`write: expected the name of a file, got ${JSON.stringify(name)}.`)
}

function failureOf(
  end: Exclude<ScriptResult, { ended: 'value' }>,
  timeout: number,
  result: { readonly [field: string]: unknown },
) {
  const failed = (message: string, code: string) => new ToolFailure(message, { code, result: result as never })
  if (end.ended === 'timeout') return failed(`The code took longer than ${timeout} s`, 'timeout')
  if (end.ended === 'limit') return failed(`The code used more than its limit of ${end.limit}`, 'sandbox_limit')
  if (end.ended === 'error') return failed(`The code failed: ${end.message}`, 'tool_failed')
  return new CancelledError('The code was cancelled.')
}
