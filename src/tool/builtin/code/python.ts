import { join, relative } from 'node:path'
import { z } from 'zod'
import { CancelledError, InvalidError, TerminalError } from '../../../errors.ts'
import { type Json, parseExact } from '../../../kernel/json.ts'
import { attempt } from '../../../lib/flow/attempt.ts'
import { traceVariables } from '../../../observe/work-trace.ts'
import { installHint } from '../../../sandbox/install-hint.ts'
import type { Execution, Sandbox } from '../../../sandbox/sandbox.ts'
import { defineTool, servicesOf, type ToolContext, ToolFailure } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { type CapturedText, captureText, cutFields, sizesOf } from '../captured-output.ts'
import { MAX_FILE_BYTES, pathsAt } from '../filesystem/path.ts'
import { readFileBytes } from '../filesystem/read.ts'
import { saveBytes } from '../filesystem/save.ts'
import { readableMounts } from '../terminal/sandboxed.ts'
import { adviceOnCode } from './advice.ts'
import { codeInput, sandboxName } from './input.ts'

const output = z.object({
  code: z.string(),
  return_code: z.int(),
  value: anyJson,
  stdout: z.string(),
  stderr: z.string(),
  files: z.array(z.string()),
  sandbox: sandboxName,
  execution_time: z.number(),
  ...cutFields,
})

/** Runs before the code: the inputs are values of Python, never text of the program. */
const PRELUDE = `import json as _json
with open('inputs.json', encoding='utf-8') as _file:
    inputs = _json.load(_file)
with open('code.py', encoding='utf-8') as _file:
    _code = compile(_file.read(), 'code.py', 'exec')
del _file, _json
exec(_code, {'__name__': '__main__', 'inputs': inputs})
`

/**
 * `python-executor:execute`: runs Python of this machine in a sandbox. The code finds its values in `inputs`, and the
 * files named under `files` in its folder; what it leaves in the folder `out` comes back to `output_dir`. `value` is
 * what it printed, parsed where that is JSON. Code that ends with anything but 0 is a ToolFailure.
 */
export const pythonTool = Object.assign(
  defineTool({
    name: 'python-executor:execute',
    description: 'Runs Python code in a sandbox, without network access',
    input: z.strictObject({ ...codeInput, capture_output: z.boolean().default(true) }),
    output,
    effect: 'idempotent',
    paths: ['output_dir'],
    changes: pathsAt(['output_dir']),
    async execute(call, context) {
      const sandboxes = await servicesOf(context).sandboxes()
      const { limits } = sandboxes
      const { timeout = limits.seconds } = call
      const sandbox = await sandboxes.open({
        limits: { ...limits, seconds: timeout },
        mounts: await readableMounts(context),
      })
      try {
        await fill(sandbox, call, context)
        const about = { environment: traceVariables(), signal: context.signal }
        const execution = await sandbox.run(['python3', '-I', '-c', PRELUDE], about)
        const files =
          execution.code === 0
            ? await saveOutputs(sandbox, { folder: call.output_dir, disk: limits.disk }, context)
            : []
        return await settle(sandbox, execution, { ...call, timeout, files }, context)
      } finally {
        await sandbox.close()
      }
    },
  }),
  { adviceOn: adviceOnCode },
)

type Call = {
  readonly code: string
  readonly inputs: Json
  readonly files: readonly string[]
  readonly timeout: number
  readonly capture_output: boolean
}

async function fill(
  sandbox: Sandbox,
  { code, inputs, files }: Omit<Call, 'timeout'>,
  context: ToolContext,
): Promise<void> {
  await sandbox.write('code.py', code)
  await sandbox.write('inputs.json', JSON.stringify(inputs))
  await sandbox.write('out/.keep', '')
  for (const path of files) await sandbox.write(nameOf(path), await readFileBytes(path, context))
}

const RESERVED = ['code.py', 'inputs.json', 'out']

/** A file keeps its name in the sandbox, without the folders. */
function nameOf(path: string): string {
  const name = path.split('/').at(-1)!
  if (!RESERVED.includes(name)) return name
  throw new InvalidError(`files: ${name} is a name that the sandbox uses itself.`, { place: { path: 'files' } })
}

async function settle(sandbox: Sandbox, execution: Execution, call: Call, context: ToolContext) {
  const { ended, code, elapsed } = execution
  if (ended === 'cancelled') throw new CancelledError('The code was cancelled.')
  const stdout = captureText('stdout', execution.stdout, context)
  const stderr = captureText('stderr', execution.stderr, call.capture_output ? context : {})
  const result = {
    code: call.code,
    return_code: code,
    value: valueIn(stdout),
    stdout: call.capture_output ? stdout.text : '',
    stderr: call.capture_output ? stderr.text : '',
    files: [...call.files],
    sandbox: sandbox.name,
    execution_time: Math.round(elapsed) / 1000,
    ...(call.capture_output && sizesOf(stdout, stderr)),
  }
  if (ended === 'exit' && code === 0) return result
  if (ended === 'exit' && code === 127) throw await pythonMissing(result)
  throw new ToolFailure(complaint(execution, call), { code: CODES[ended] ?? 'tool_failed', result })
}

async function pythonMissing(result: Json): Promise<ToolFailure> {
  const hint = await installHint('python3')
  return new ToolFailure('python3 is not installed on this machine', { code: 'python_missing', hint, result })
}

/** The JSON that was printed, also beyond the beginning that is shown, or else the text. */
const valueIn = ({ text, whole = text }: CapturedText): Json =>
  attempt(() => parseExact(whole.trim()) as Json, text.trim())

const CODES: { readonly [ended: string]: string | undefined } = { timeout: 'timeout', limit: 'sandbox_limit' }

function complaint({ ended, limit, code, stderr }: Execution, { timeout }: Call): string {
  if (ended === 'timeout') return `The code took longer than ${timeout} s`
  if (ended === 'limit') return `The code used more than its limit of ${limit}`
  const last = stderr.text.trimEnd().split('\n').at(-1) ?? ''
  return `The code ended with ${code}${last === '' ? '' : `: ${last.slice(0, 300)}`}`
}

const MAX_OUTPUT_FILES = 1000

/**
 * Copies the regular files that the code left in its folder `out` to a folder below
 * the roots, and returns their new paths. `disk` limits their total size: holes and
 * links to the same file take no space in a sandbox, but become whole files here.
 */
async function saveOutputs(
  sandbox: Sandbox,
  { folder, disk }: { readonly folder: string | undefined; readonly disk: number },
  context: ToolContext,
): Promise<readonly string[]> {
  const files = (await sandbox.list('out')).filter(({ path }) => path !== 'out/.keep')
  if (files.length === 0) return []
  if (folder === undefined)
    throw new InvalidError(`The code wrote ${files.length} files, and the step does not say where to put them.`, {
      hint: 'Set `output_dir` to a folder.',
    })
  if (files.length > MAX_OUTPUT_FILES)
    throw new TerminalError(`The code wrote ${files.length} files; ${MAX_OUTPUT_FILES} can come back.`, {
      code: 'too_large',
    })
  const total = files.reduce((sum, { size }) => sum + size, 0)
  if (total > disk)
    throw new TerminalError(`Expected at most ${disk} bytes in \`out\`, got ${total}.`, { code: 'too_large' })
  const saved: string[] = []
  for (const { path, size } of files) {
    if (size > MAX_FILE_BYTES)
      throw new TerminalError(`${path} has ${size} bytes; ${MAX_FILE_BYTES} can come back.`, { code: 'too_large' })
    const target = join(folder, relative('out', path))
    await saveBytes(target, await sandbox.read(path), context)
    saved.push(target)
  }
  return saved
}
