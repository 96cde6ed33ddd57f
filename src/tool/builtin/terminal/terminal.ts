import { mkdir } from 'node:fs/promises'
import { z } from 'zod'
import { CancelledError, InvalidError, NotFoundError, TerminalError } from '../../../errors.ts'
import { attempt } from '../../../lib/flow/attempt.ts'
import { traceVariables } from '../../../observe/work-trace.ts'
import { findProgram } from '../../../sandbox/process/find-program.ts'
import { type ProcessOutput, type ProcessResult, runProcess } from '../../../sandbox/process/run-process.ts'
import type { Execution } from '../../../sandbox/sandbox.ts'
import { hasSeveralLines, type InspectedCommand, inspectCommand, parseTemplate } from '../../../template/template.ts'
import type { ToolAdvice, WrittenParameters } from '../../advice.ts'
import { resolveInRoots, resolveToRead } from '../../roots.ts'
import { defineTool, type Tool, type ToolContext, ToolFailure } from '../../tool.ts'
import { captureText, cutFields, sizesOf } from '../captured-output.ts'
import { textEncodingInput } from '../filesystem/file-text.ts'
import { pathInput, throwIfCancelled, withPathErrors } from '../filesystem/path.ts'
import { findEntry } from '../filesystem/read.ts'
import { runSandboxed } from './sandboxed.ts'
import { findShellSyntax, splitCommand } from './split-command.ts'

const text = z
  .string()
  .max(100_000)
  .refine((value) => !value.includes('\0'), 'expected a command without NUL characters')
const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable')

const input = z.object({
  command: text,
  working_dir: pathInput.optional(),
  cwd: pathInput.optional(),
  timeout: z
    .number()
    .positive()
    .max(86_400)
    .optional()
    .describe('seconds; absent: 30, or `sandbox: { seconds }` in a sandbox'),
  capture_output: z.boolean().default(true),
  shell: z.boolean().default(false),
  unsafe_shell: z.boolean().default(false),
  stop_on_error: z
    .boolean()
    .default(false)
    .describe('several lines of a shell stop at the first one that fails (`sh -e`); in a pipeline, absent: true'),
  sandbox: z.boolean().default(false),
  write: z.boolean().default(false),
  encoding: textEncodingInput,
  env: z.record(variable, z.union([text, z.number(), z.boolean()])).default({}),
})
type Call = z.infer<typeof input>

const output = z.object({
  command: z.string(),
  return_code: z.int(),
  stdout: z.string(),
  stderr: z.string(),
  working_dir: z.string(),
  execution_time: z.number(),
  ...cutFields,
  sandbox: z.string().exactOptional(),
})

/**
 * `terminal:execute`: runs a command in a folder of the roots, which is created if missing. There is no
 * input; the environment is PATH, HOME, LANG, TZ and `env`; `timeout` is in seconds. A non-zero exit
 * code, a signal or a timeout is a ToolFailure (`tool_failed` or `timeout`) with the fields of a
 * success. The result has the first MiB of a longer output, and `truncated`. With `sandbox` the command
 * runs in a sandbox that shows the roots, read-only unless `write` is set, and a shell runs it.
 */
export const executeTool = defineTool({
  name: 'terminal:execute',
  description: 'Runs a command. Pipes, redirects, && and globs need `shell: true`',
  input,
  output,
  effect: 'at-most-once',
  reach: 'machine',
  paths: ['working_dir', 'cwd'],
  // a command writes wherever its sandbox may
  changes: (call) => ((call as Partial<Call> | null)?.write ? ['.'] : []),
  commands: ['command'],
  execute: executeCommand,
  confined: (call, context) => executeCommand({ ...call, sandbox: true }, context),
})

export const terminalTools: readonly Tool[] = [Object.assign(executeTool, { adviceOn, complete })]

async function executeCommand(call: Call, context: ToolContext) {
  const command = withoutBang(call.command)
  const stops = call.stop_on_error && (call.shell || call.sandbox) && hasSeveralLines(command)
  const words = wordsOf(command, call.shell || call.sandbox, stops)
  const place = call.working_dir ?? call.cwd ?? '.'
  const folder = await withPathErrors(place, () => makeFolder(place, call.sandbox, context))
  if (call.sandbox) {
    const { execution, sandbox, timeout } = await runSandboxed(
      { words, folder, environment: givenVariables(call), timeout: call.timeout, write: call.write },
      context,
    )
    return settle(execution, { ...call, command, place, timeout, sandbox, stops }, context)
  }
  const environment = environmentOf(call)
  if (!(await findProgram(words[0], folder, environment.PATH ?? '')))
    throw new NotFoundError(`Command not found: ${words[0]}`, /\s/.test(words[0]) ? ONE_WORD : {})
  throwIfCancelled(context.signal)
  const { timeout = DEFAULT_SECONDS } = call
  const execution = await runProcess({
    words,
    folder,
    environment,
    timeout: timeout * 1000,
    signal: context.signal,
  })
  const { sandbox: _, ...rest } = call
  return settle(execution, { ...rest, command, place, timeout, stops }, context)
}

/** The maximum of seconds for a command without a sandbox and without `timeout`. */
const DEFAULT_SECONDS = 30

function wordsOf(command: string, shell: boolean, stops: boolean): readonly [string, ...string[]] {
  if (command === '')
    throw new InvalidError('command: expected a command, got an empty text.', { place: { path: 'command' } })
  if (shell) return ['/bin/sh', ...(stops ? ['-e'] : []), '-c', command]
  const split = splitCommand(command)
  if ('words' in split) return split.words as [string, ...string[]]
  throw new InvalidError(`command: \`${split.syntax}\` needs a shell: ${shorten(command)}`, {
    code: 'shell_needed',
    place: { path: 'command' },
    hint: SHELL_HINT,
  })
}

const ONE_WORD = {
  hint: 'A value that a template fills in is one word: give a list and write `{{ words | quote }}` to make each item a word.',
}

const SHELL_HINT = 'Set `shell: true` to run it by `sh -c`, or quote the character if it stands for itself.'

/**
 * Rejects unquoted templates in a shell command, because the shell would execute their values.
 * Reports syntax that needs a shell if `shell` is off, whatever the templates render to.
 */
function adviceOn(written: WrittenParameters): readonly ToolAdvice[] {
  const { command, sandbox, shell = sandbox ?? false, unsafe_shell: unsafe, stop_on_error: given } = written
  if (typeof command !== 'string') return []
  const { quoted, fault } = unsafe === true ? SAFE_STATE : inspected(command)
  if (shell !== false && !quoted)
    return [{ parameter: 'command', message: SHELL_TEMPLATE, hint: QUOTED, refused: 'shell_template' }]
  const syntax = shell === false ? findShellSyntax(withoutBang(command)) : undefined
  if (syntax !== undefined) return [{ parameter: 'command', message: `\`${syntax}\` needs a shell`, hint: SHELL_HINT }]
  if (fault) return [{ parameter: 'command', ...fault }]
  const stops = given === undefined && complete(written) !== written && unsafe !== true
  return stops ? [{ parameter: 'command', message: STOPS, hint: GOES_ON, note: 'stops_at_failure' }] : []
}

const STOPS = 'this command has several lines, and stops at the first one that fails'
const GOES_ON = 'Write `|| true` behind a line that may fail, or `stop_on_error: false` to go on after every line.'

/** Several lines of a shell stop at the first failure. Runs of earlier pipelines go on as they did. */
function complete(written: WrittenParameters): WrittenParameters {
  const { command, sandbox, shell = sandbox ?? false, unsafe_shell: unsafe, stop_on_error: given } = written
  if (typeof command !== 'string' || shell === false || given !== undefined) return written
  // a value that a shell reads as commands may have several lines
  const { quoted, lines } = inspected(command)
  return lines > 1 || (unsafe === true && !quoted) ? { ...written, stop_on_error: true } : written
}

const SHELL_TEMPLATE = 'the shell would execute the value of this template'
const QUOTED =
  'Write `{{ name | quote }}` without quotes around it, or pass the value in `env:` and write "$NAME". ' +
  '`unsafe_shell: true` allows it where every value is trusted.'

// the compiler reports syntax errors
const inspected = (command: string): Partial<Pick<InspectedCommand, 'fault'>> & Omit<InspectedCommand, 'fault'> =>
  attempt(
    () =>
      inspectCommand(
        parseTemplate(withoutBang(command), { names: new Set(command.match(/(?<!\w)[A-Za-z_]\w*(?:-\w+)+/g)) }),
      ),
    SAFE_STATE,
  )

const SAFE_STATE: InspectedCommand = { quoted: true, lines: 0 }

const withoutBang = (command: string) => command.replace(/^\s*!/, '').trim()

async function makeFolder(place: string, isSandboxed: boolean, context: ToolContext): Promise<string> {
  const shown = isSandboxed ? await resolveToRead(place, context) : undefined
  if (shown !== undefined && (await findEntry(shown))?.isDirectory()) return shown
  const folder = await resolveInRoots(place, context)
  await mkdir(folder, { recursive: true })
  return folder
}

/** Other variables may hold secrets and are not passed on. */
const INHERITED_VARIABLES = ['PATH', 'HOME', 'LANG', 'TZ'] as const

function environmentOf(call: Call): { [name: string]: string } {
  const inherited = INHERITED_VARIABLES.map((name) => [name, process.env[name]])
  return { ...Object.fromEntries(inherited.filter(([, value]) => value !== undefined)), ...givenVariables(call) }
}

const givenVariables = ({ env }: Call): { [name: string]: string } => ({
  ...traceVariables(),
  ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
})

/** A call with its command, its folder as the caller wrote it, its seconds, and the sandbox that ran it. */
type Started = Pick<Call, 'capture_output' | 'encoding'> & {
  readonly command: string
  readonly place: string
  readonly timeout: number
  readonly sandbox?: string
  readonly stops: boolean
}

function settle(execution: ProcessResult | Execution, call: Started, context: ToolContext) {
  const { command, place, sandbox, encoding } = call
  const { ended, code } = execution
  if (ended === 'cancelled') throw new CancelledError(`Command was cancelled: ${shorten(command)}`)
  if ('refused' in execution)
    throw new TerminalError(`The command cannot be run: ${shorten(command)} (${execution.refused}).`, {
      code: 'tool_failed',
    })
  const read = (name: 'stdout' | 'stderr') =>
    call.capture_output ? captureText(name, execution[name], context, encoding) : { text: '' }
  const [stdout, stderr] = [read('stdout'), read('stderr')]
  const result = {
    command,
    return_code: code,
    stdout: stdout.text,
    stderr: stderr.text,
    working_dir: place,
    execution_time: Math.round(execution.elapsed) / 1000,
    ...sizesOf(stdout, stderr),
    ...(sandbox !== undefined && { sandbox }),
  }
  if (ended === 'exit' && code === 0) return result
  const stops = ended === 'exit' && call.stops ? ' (it stops at the first line that fails)' : ''
  throw new ToolFailure(`${complaint(execution, call)}${stops}: ${reasonOf(command, execution.stderr)}`, {
    code: FAILURE_CODES[ended] ?? 'tool_failed',
    result,
  })
}

const FAILURE_CODES: { readonly [ended: string]: string | undefined } = { timeout: 'timeout', limit: 'sandbox_limit' }

function complaint(execution: ProcessResult | Execution, { timeout }: Started): string {
  const { ended, code } = execution
  if (ended === 'timeout') return `Command took longer than ${timeout} s`
  if (ended === 'limit') return `Command used more than its limit of ${execution.limit}`
  return 'signal' in execution ? `Command was killed by ${execution.signal}` : `Command failed with exit code ${code}`
}

/** The last line that the command wrote about its failure, and the command: narrow places cut off the end. */
function reasonOf(command: string, { text }: ProcessOutput): string {
  const line = text.trimEnd().split('\n').at(-1) ?? ''
  return line === '' ? shorten(command) : `${shorten(line)} (${shorten(command)})`
}

const shorten = (line: string): string => (line.length > 200 ? `${line.slice(0, 200)}…` : line)
