import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { LOCAL_OWNER } from '../../../lib/owner.ts'
import type { Models } from '../../../model/models.ts'
import type { Finding } from '../../../run/finding.ts'
import type { PipelineText, RunRequest, WhichPipeline } from '../../../run/room/port.ts'
import type { ExecutionStrategy } from '../../../run/run.ts'
import { OUTPUTS_STEP } from '../../../step/record/outcome.ts'
import type { Blobs } from '../../../store/blobs/blobs.ts'
import type { Tool } from '../../../tool/tool.ts'
import { type Toolbox, toolsNamed } from '../../../tool/toolbox.ts'
import { closedToTexts, isClosedToTexts, type OfferedTools, openingHint } from '../../../work/tools/program-tools.ts'
import type { Compilation } from '../../language/compile.ts'
import { compileBundle, compileFile } from '../../language/compile-file.ts'
import { hasErrors, toFinding, toInvalidError } from '../../language/diagnostics/finding.ts'
import { validateInputs } from '../../language/parse/inputs/given-inputs.ts'
import { bundlePipeline, type PipelineBundle, type PipelineOrigin } from '../../language/source/bundle.ts'
import type { CompiledPipeline, CompiledStep } from '../../plan/compiled.ts'
import type { Inputs } from '../../plan/inputs.ts'
import { pipelineInputSchema } from '../../report/input-schema.ts'
import type { Verdict } from '../documents.ts'
import type { PipelinesPort } from '../port.ts'
import { type CompileThread, compileAside, isLargePipeline, toolsFor } from './compile-in-thread.ts'
import { KeptCompilations } from './kept-compilations.ts'

type Parts = {
  readonly values: Blobs
  readonly toolbox: Toolbox
  /** tools that work from the network may call although they belong to the program or reach the machine */
  readonly openTools: readonly string[]
  readonly models: Models
  /** the folder of antiphon.yaml */
  readonly project: string
  /** the paths that tools may use */
  readonly roots: readonly string[]
  /** finds the hash of the text that an owner uploaded under a name */
  findUploaded(name: string, owner: string): Promise<string | undefined>
  /** the names of those of the program */
  readonly strategies: readonly string[]
  /** compiles large pipelines */
  readonly thread: CompileThread
  /** The names of agents in files of the project. */
  agentNames(): readonly string[]
  /** The names of agents without a file that a step may ask: those of the program, and those that the owner put. */
  agentsWithoutFile(owner: string): Promise<readonly string[]>
}

/** The context of a compilation. */
type Options = {
  readonly inputs?: Inputs
  readonly strict?: boolean
  readonly strategy?: ExecutionStrategy
  readonly owner?: string
} & Pick<RunRequest, 'trusted' | 'offered'>
/** A pipeline, its source, and the warnings of the compiler. */
export type Compiled = {
  readonly pipeline: CompiledPipeline
  readonly from: PipelineOrigin
  readonly warnings: readonly Finding[]
}

export interface Compiler {
  readonly validate: PipelinesPort['validate']
  /** Compiles a pipeline. InvalidError when it does not compile, NotFoundError when no upload has that name. */
  compile(which: WhichPipeline, options: Options): Promise<Compiled>
  /** The current version from the same source: a file or an upload. Undefined if it no longer exists. */
  again(from: Compiled['from'], options: Options): Promise<(Compiled & { readonly shown: string }) | undefined>
  /** The text that a run was started from. A file is read as it is now; undefined if it no longer exists. */
  textOf(from: Compiled['from']): Promise<PipelineText | undefined>
}

export function createCompiler(parts: Parts): Compiler {
  const { values, toolbox, openTools, models, project, roots, findUploaded, agentsWithoutFile, thread } = parts
  const contextFor = ({ inputs = {}, strict = false, strategy }: Options, agents: readonly string[]) => ({
    toolbox,
    findModel: models.find,
    given: Object.keys(inputs),
    strict,
    strategies: parts.strategies,
    agentNames: () => [...parts.agentNames(), ...agents],
    ...(strategy && { strategy }),
  })

  async function readUploaded(name: string, owner = LOCAL_OWNER): Promise<PipelineBundle> {
    const hash = await findUploaded(name, owner)
    if (hash === undefined) throw new NotFoundError(`There is no pipeline ${name}.`, { hint: 'Upload it first.' })
    return (await values.get(hash)) as PipelineBundle
  }

  /** The source of a pipeline: a path or a text. */
  async function read(which: WhichPipeline, { owner }: Options): Promise<string | PipelineBundle> {
    const { file, source, pipeline } = which
    if ([file, source, pipeline].filter((one) => one !== undefined).length !== 1) throw whichIsIt()
    if (file !== undefined) return file
    if (!source) return readUploaded(pipeline!, owner)
    const { text, name = 'pipeline.yaml', files } = source
    return { text, name, ...(files && { files }) }
  }

  const compilations = new KeptCompilations()

  async function judge(what: string | PipelineBundle, options: Options, wantsSteps = true): Promise<Compilation> {
    const made = await compileNow(what, options, wantsSteps, [])
    // only a step that seems to ask nobody makes other agents worth a look
    if (!made.findings.some(({ code }) => code === 'would_fail')) return made
    const others = await agentsWithoutFile(options.owner ?? LOCAL_OWNER)
    return others.length === 0 ? made : compileNow(what, options, wantsSteps, others)
  }

  async function compileNow(
    what: string | PipelineBundle,
    options: Options,
    wantsSteps: boolean,
    agents: readonly string[],
  ): Promise<Compilation> {
    const context = contextFor(options, agents)
    const { owner = LOCAL_OWNER } = options
    if (await isLargePipeline(what)) {
      const { toolbox: _, findModel: __, agentNames: ___, ...terms } = context
      const job = {
        what: typeof what === 'string' ? { path: resolve(what), shown: what } : what,
        ...terms,
        project,
        roots,
        tools: toolsFor(thread, toolbox),
        agents,
        wantsSteps,
      }
      return compileAside(thread, job, (name) => models.find(name) !== undefined, owner)
    }
    const compile = compilations.within([owner, ...agents])
    if (typeof what !== 'string') return compileBundle(what, context, compile)
    return compileFile(resolve(what), { ...context, project, roots, shown: what }, compile)
  }

  async function compileThis(what: string | PipelineBundle, options: Options): Promise<Compiled> {
    const { pipeline, findings } = await judge(what, options)
    if (!pipeline || hasErrors(findings)) throw toInvalidError(findings)
    const isFile = typeof what === 'string'
    const isForeign = isForeignText(what, options)
    if (isForeign) checkForeignPipeline(pipeline, { toolbox, openTools })
    const from = isFile
      ? { source: resolve(what) }
      : { written: await values.put(what), ...(isForeign && { foreign: true }) }
    return { pipeline, from, warnings: findings.filter(({ severity }) => severity === 'warning') }
  }

  /** An inline text stays as it is; an upload is read again. */
  async function current(
    { uploaded, ...written }: PipelineBundle,
    owner = LOCAL_OWNER,
  ): Promise<PipelineBundle | undefined> {
    if (uploaded === undefined) return written
    const hash = await findUploaded(uploaded, owner)
    return hash === undefined ? undefined : ((await values.get(hash)) as PipelineBundle)
  }

  return {
    async validate(which, options = {}) {
      const what = await read(typeof which === 'string' ? { file: which } : which, options)
      const isForeign = isForeignText(what, options)
      const made = await judge(what, options, isForeign)
      const closed = isForeign && made.pipeline ? findClosedTools(made.pipeline, { toolbox, openTools }) : []
      return verdictOf(nameOf(what), { ...made, findings: [...made.findings, ...closed] }, options.inputs)
    },
    compile: async (which, options) => compileThis(await read(which, options), options),
    async again({ source, written }, options) {
      const bundle = written === undefined ? undefined : ((await values.get(written)) as PipelineBundle)
      const what = bundle ? await current(bundle, options.owner) : source
      if (what === undefined || (typeof what === 'string' && !existsSync(what))) return undefined
      return { ...(await compileThis(what, options)), shown: nameOf(what) }
    },
    textOf: (from) => readText(parts, from),
  }
}

async function readText(
  { values, project }: Pick<Parts, 'values' | 'project'>,
  { source, written }: Compiled['from'],
): Promise<PipelineText | undefined> {
  if (written === undefined) {
    const isGone = source === undefined || !existsSync(source)
    return isGone ? undefined : bundlePipeline(source, basename(source), project)
  }
  const { text, name, files } = (await values.get(written)) as PipelineBundle
  return { text, name, ...(files && { files }) }
}

/** Whether a pipeline came from the network: an upload says so itself, another text came from its caller. */
function isForeignText(what: string | PipelineBundle, { trusted = true, offered }: Options): boolean {
  if (typeof what === 'string') return false
  return what.uploaded === undefined ? !trusted && !offered : !what.trusted
}

function verdictOf(file: string, { pipeline, findings }: Compilation, inputs: Inputs | undefined): Verdict {
  const given = pipeline && inputs ? validateInputs(pipeline, inputs).faults : []
  const all = [...findings, ...given.map((fault) => toFinding(fault, 'input_type'))]
  const steps = Object.entries(pipeline?.steps ?? {}).filter(([node]) => node !== OUTPUTS_STEP)
  return {
    file,
    valid: !hasErrors(all),
    ...(pipeline && {
      pipeline: pipeline.id,
      steps: Object.fromEntries(steps.map(([node, { edges }]) => [node, edges.needs])),
      inputs: pipelineInputSchema(pipeline),
    }),
    findings: all,
  }
}

const nameOf = (what: string | PipelineBundle) => (typeof what === 'string' ? what : what.name)

function whichIsIt(): InvalidError {
  const hint = '`file` is a path on this machine, `source` a text, `pipeline` the name of one that was uploaded.'
  return new InvalidError('Expected exactly one of file, source and pipeline.', { hint })
}

type ClosedStep = { readonly step: string; readonly tool: Tool }

/**
 * Refuses a pipeline from the network that names a tool of the program, before anything starts. Its child pipelines are
 * checked when their steps run.
 * @throws TerminalError `tool_closed`
 */
function checkForeignPipeline(pipeline: CompiledPipeline, offered: OfferedTools): void {
  const [first] = closedSteps(pipeline, offered)
  if (first) throw closedToTexts(first.tool, `step ${first.step}`)
}

/** The same as findings, one for each step. */
function findClosedTools(pipeline: CompiledPipeline, offered: OfferedTools): readonly Finding[] {
  return closedSteps(pipeline, offered).map(({ step, tool }) => ({
    code: 'would_fail',
    severity: 'error',
    message: `the step would fail: ${closedToTexts(tool).message}`,
    step,
    hint: openingHint(tool),
  }))
}

function closedSteps({ steps }: CompiledPipeline, { toolbox, openTools }: OfferedTools): readonly ClosedStep[] {
  return Object.values(steps).flatMap((step) =>
    namesIn(step)
      .flatMap((name) => toolsNamed(name, toolbox))
      .filter((tool) => isClosedToTexts(tool, openTools))
      .map((tool) => ({ step: step.id, tool })),
  )
}

/** The tools that a step, and the actions of its handlers, name. */
function namesIn({ work, recovery: { recoveries = [] } = {} }: CompiledStep): readonly string[] {
  const handlers = recoveries.flatMap(({ action }) => (action ? namesIn(action) : []))
  if (work.type === 'tool')
    return [work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`, ...handlers]
  return [...((work.type === 'ask' && work.model?.tools) || []), ...handlers]
}
