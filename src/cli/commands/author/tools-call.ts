import { randomUUID } from 'node:crypto'
import { InvalidError, problemOf } from '../../../errors.ts'
import { isJsonObject, type Json, parseExact } from '../../../kernel/json.ts'
import type { Priority } from '../../../lib/priority.ts'
import { nearestWord } from '../../../lib/suggest.ts'
import type { HereContext } from '../../../tool/once/call-parts.ts'
import type { PropertySchema } from '../../../tool/schema.ts'
import type { ToolSecrets } from '../../../tool/secrets.ts'
import type { ResultNote, Tool } from '../../../tool/tool.ts'
import type { CallCondition, ToolRequest } from '../../../tool/tool-request.ts'
import { jsonOrText } from '../../../yaml/json-or-text.ts'
import { priorityOption, WAIT_OPTION } from '../../arguments/options.ts'
import { type Cli, type ConnectionTarget, command, targetOf } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { outputsText } from '../../render/print.ts'
import { explainError } from '../../terminal/errors.ts'
import { listenForSignals } from '../../terminal/signals.ts'
import { printStarted, withBackground } from '../run/background.ts'
import { followToEnd } from '../run/follow.ts'
import { findOperation, loadLocalTools } from './local-tools.ts'

type Options = CallRunOptions & { readonly params?: string; readonly run?: boolean }
type Parameters = { readonly [name: string]: Json | undefined }

export const callCommand = command({
  name: 'call',
  about:
    'Call a tool once and print its result. The tool has the same access as in a step (`roots:`), and asks no questions.',
  args: [
    ['<name>', 'a tool such as filesystem, or filesystem:read'],
    ['[action-and-parameters...]', 'the action, if the tool has several, and parameters as key=value'],
  ],
  options: [
    ['--params <json>', 'parameters as a JSON map; key=value overrides them'],
    ['--json', 'print the result as JSON'],
    ['--run', 'make the call as a run: it is recorded, continues after a crash, and may wait for a person'],
    ['--approve', 'with --run: wait for a person before the call'],
    ['--id <id>', 'with --run: the id of the run; a repeated command calls once'],
    ['--when <environment@version>', 'with --run: only while the environment has this version, such as shop@7'],
    priorityOption(),
    WAIT_OPTION,
    ['--detach', 'with --run: run in the background and print the id of the run'],
  ],
  at: 'folder',
  examples: [
    'tools call filesystem read path=README.md',
    'tools call terminal command="git status" --json',
    'tools call filesystem:write path=a.txt content=hello --run --approve',
    `tools call validation --params '{"data": {"n": 1}, "schema": {"type": "object"}}'`,
  ],
  run: callOnce,
})

const ONLY_WITH_RUN = ['approve', 'id', 'when', 'priority', 'detach', 'wait'] as const

async function callOnce(cli: Cli, name: string, words: readonly string[], options: Options): Promise<number> {
  const { config, toolbox } = await loadLocalTools(cli)
  const { action, parameters: given } = wordsOf(words, options, toolbox.operations(name).length > 0)
  const tool = findOperation(toolbox, name, action)
  const parameters = await readOpenParameters(tool, given)
  if (options.run)
    return callAsRun(cli, { tool: tool.name, parameters: parameters as ToolRequest['parameters'] & {} }, options)
  const stray = ONLY_WITH_RUN.find((option) => options[option] !== undefined)
  if (stray !== undefined) throw new InvalidError(`--${stray} needs --run.`)
  if (config.around !== undefined)
    throw new InvalidError('Rules of antiphon.yaml stand around calls (`around:`), and only a run asks them.', {
      code: 'rule_refused',
      hint: 'Add --run.',
    })
  const input = await inputOf(tool, parameters)
  await refuseAsking(tool, input)
  const controller = new AbortController()
  const interruption = listenForSignals(() => process.exit(130))
  void interruption.asked.then(() => controller.abort())
  const { folder: root, roots } = config
  const [{ createToolServices }, { runtimeSecrets }] = await Promise.all([
    import('../../../runtime/services/tool-services.ts'),
    import('../../../runtime/services/secrets.ts'),
  ])
  const secrets = runtimeSecrets(config)
  const services = createToolServices(config, secrets, { notice: cli.terminal.say })
  const idempotencyKey = `call_${randomUUID()}`
  const tell = (note: ResultNote) =>
    cli.terminal.say(`Note: ${secrets.shown('lacks' in note ? note.lacks : note.warning)}`)
  const context = {
    signal: controller.signal,
    idempotencyKey,
    root,
    roots,
    services,
    emit() {},
    tell,
  }
  try {
    return await act(cli, { tool, input, context, json: options.json ?? false, secrets })
  } finally {
    interruption.off()
    await services.close()
  }
}

/** This command asks no questions, so it makes no call that needs an approval. */
async function refuseAsking(tool: Tool, input: unknown): Promise<void> {
  if (tool.approve === undefined) return
  const [{ needOfTool }, { LOCAL_OWNER }] = await Promise.all([
    import('../../../work/approval/policy.ts'),
    import('../../../lib/owner.ts'),
  ])
  if (!needOfTool(tool, input, { owner: LOCAL_OWNER })) return
  throw new InvalidError(`A person has to approve this call of ${tool.name}, and nobody was asked.`, {
    code: 'not_approved',
    hint: 'Add --run: the call then waits in the inbox.',
  })
}

/** The action is the first word, or, as in a pipeline, given as `action=`. */
function wordsOf(words: readonly string[], { params }: Options, hasActions: boolean) {
  const [first, ...others] = words
  if (first !== undefined && !first.includes('=') && !isMapText(first))
    return { action: first, parameters: { ...mapIn(params), ...pairsIn(others) } }
  const { action, ...rest }: Parameters = { ...mapIn(params), ...pairsIn(words) }
  if (hasActions && typeof action === 'string') return { action, parameters: rest }
  return { parameters: { ...rest, ...(action !== undefined && { action }) } }
}

type Call = {
  readonly tool: Tool
  readonly input: unknown
  readonly context: HereContext
  readonly json: boolean
  readonly secrets: Pick<ToolSecrets, 'shown' | 'problem'>
}

async function act(cli: Cli, call: Call): Promise<number> {
  try {
    print(cli, call.secrets.shown(await attempt(call)), call.json)
    return 0
  } catch (error) {
    const { resultOfFailure } = await import('../../../tool/tool.ts')
    const failed = resultOfFailure(error)
    const problem = await call.secrets.problem(problemOf(error))
    const result = failed === undefined ? undefined : call.secrets.shown(failed)
    if (result !== undefined) print(cli, call.json ? { error: problem, result } : result, call.json)
    const { text, exit } = explainError(error, cli.terminal.folder, call.tool.name)
    cli.terminal.say(call.secrets.shown(text))
    return exit
  }
}

const MAX_ATTEMPTS = 3

/** Retries a repeatable tool after a transient failure; an at-most-once tool gets one attempt. */
async function attempt({ tool, input, context }: Call): Promise<Json> {
  const [{ effectClassOf }, { callHere }, { limitWork }, { poolClock }] = await Promise.all([
    import('../../../tool/tool.ts'),
    import('../../../tool/question.ts'),
    import('../../../worker/pool/work-limit.ts'),
    import('../../../worker/clock.ts'),
  ])
  const act = (signal: AbortSignal) => callHere(tool, input, { ...context, signal })
  const limit = tool.timeout === undefined ? undefined : { ms: tool.timeout * 1000, what: tool.name }
  const attempts = effectClassOf(tool, input) === 'at-most-once' ? 1 : MAX_ATTEMPTS
  for (let left = attempts; ; left--) {
    try {
      return await (limit ? limitWork(limit, poolClock, context.signal, act).result : act(context.signal))
    } catch (error) {
      const { terminal, bug } = problemOf(error)
      if (left <= 1 || terminal || bug || context.signal.aborted) throw error
    }
  }
}

function print({ terminal }: Cli, result: unknown, json: boolean): void {
  if (json) terminal.json(result)
  else terminal.data(outputsText(result as Json))
}

async function inputOf(tool: Tool, parameters: Parameters): Promise<unknown> {
  const [{ parseInput }, { inputSchemaOf }] = await Promise.all([
    import('../../../tool/input.ts'),
    import('../../../tool/schema.ts'),
  ])
  const schema = inputSchemaOf(tool)
  const known = Object.keys(schema?.properties ?? {})
  const stray = Object.keys(parameters).find((name) => schema?.properties && !known.includes(name))
  if (stray !== undefined && !schema?.additionalProperties) {
    const near = nearestWord(stray, known)
    const hint = near === undefined ? `It has ${known.join(', ') || 'none'}.` : `Did you mean ${near}?`
    throw new InvalidError(`${tool.name} has no parameter ${stray}.`, { hint })
  }
  return parseInput(tool, parameters)
}

function mapIn(text: string | undefined, what = '--params'): Parameters {
  if (text === undefined) return {}
  const hint = `It should look like '{"path": "README.md"}'.`
  let value: unknown
  try {
    value = parseExact(text)
  } catch (cause) {
    throw new InvalidError(`Expected JSON in ${what}: ${problemOf(cause).message}.`, { hint, cause })
  }
  if (isJsonObject(value)) return value as Parameters
  throw new InvalidError(`Expected a JSON map in ${what}.`, { hint })
}

/** A word that holds parameters as a JSON map, like `--params`. */
const isMapText = (word: string) => /^\s*{/.test(word)

/** A text of a list or a map, for a parameter that takes anything, is the value itself. */
async function readOpenParameters(tool: Tool, given: Parameters): Promise<Parameters> {
  const { inputSchemaOf } = await import('../../../tool/schema.ts')
  const { properties = {} } = inputSchemaOf(tool) ?? {}
  const isOpen = ({ type, anyOf, enum: listed, const: only, oneOf }: PropertySchema = {}) =>
    [type, anyOf, listed, only, oneOf].every((keyword) => keyword === undefined)
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'string' && /^\s*[{[]/.test(value) && isOpen(properties[name]) ? jsonOrText(value) : value,
    ]),
  )
}

function pairsIn(words: readonly string[]): Parameters {
  return Object.fromEntries(
    words.flatMap((word): readonly (readonly [string, Json | undefined])[] => {
      if (isMapText(word)) return Object.entries(mapIn(word, word))
      const equals = word.indexOf('=')
      if (equals > 0) return [[word.slice(0, equals), word.slice(equals + 1)]]
      throw new InvalidError(`Expected key=value, got ${word}.`)
    }),
  )
}

type CallRunOptions = ConnectionTarget & {
  readonly id?: string
  readonly approve?: boolean
  readonly priority?: Priority
  readonly when?: string
  readonly detach?: boolean
  readonly wait?: boolean
  readonly json?: boolean
}

/** Makes a call as a run: it is recorded, continues after a crash, and may wait for a person. */
async function callAsRun(cli: Cli, call: ToolRequest, options: CallRunOptions): Promise<number> {
  const { json = false, detach = false, wait = false } = options
  const session = { command: `antiphon tools call ${call.tool} --run`, creates: true, ...targetOf(options) }
  const when = conditionOf(options.when)
  const start = async ({ client }: Session) =>
    (await client.tools.call([when ? { ...call, when } : call], optionsOf(call, options))).id
  if (detach)
    return withBackground(cli, session, async (opened) => printStarted(cli, opened, await start(opened), json))
  return withRuntime(cli, session, async (opened) => followToEnd(cli, opened, await start(opened), { json, wait }))
}

function conditionOf(text: string | undefined): CallCondition | undefined {
  if (text === undefined) return undefined
  const [, environment, version] = /^(.+)@(\d+)$/.exec(text) ?? []
  if (environment === undefined) throw new InvalidError(`Expected --when such as shop@7, got ${text}.`)
  return { environment, version: Number(version) }
}

const optionsOf = ({ tool }: ToolRequest, { id, approve, priority }: CallRunOptions) => ({
  ...(id !== undefined && { id }),
  ...(approve && { approve: [tool] }),
  ...(priority && { priority }),
})
