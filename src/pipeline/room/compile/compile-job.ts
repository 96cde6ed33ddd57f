import { z } from 'zod'
import type { Json, Schema } from '../../../kernel/schema.ts'
import { present } from '../../../lib/json/present.ts'
import type { ExecutionStrategy } from '../../../run/run.ts'
import { OUTPUTS_STEP } from '../../../step/record/outcome.ts'
import { checkOfServer } from '../../../tool/mcp/check-schema.ts'
import { hashOfCode, markCodeTool } from '../../../tool/plugin/code-tool.ts'
import { attachSchemas, inputSchemaOf, type ObjectSchema, outputSchemaOf } from '../../../tool/schema.ts'
import type { Tool } from '../../../tool/tool.ts'
import { createToolbox } from '../../../tool/toolbox.ts'
import { type Compilation, compileText } from '../../language/compile.ts'
import { compileBundle, compileFile } from '../../language/compile-file.ts'
import { includeReader, type PipelineBundle } from '../../language/source/bundle.ts'
import type { CompiledPipeline } from '../../plan/compiled.ts'
import type { ChildPipelineText } from '../../step/context.ts'

/** A pipeline to compile in a thread: everything that the compiler needs, as data. */
export type CompileJob = {
  readonly what: PipelineBundle | { readonly path: string; readonly shown: string }
  readonly given: readonly string[]
  readonly strict: boolean
  readonly strategy?: ExecutionStrategy
  readonly strategies: readonly string[]
  readonly project: string
  readonly roots: readonly string[]
  /** tools that are not built in */
  readonly tools: readonly ToolData[]
  /** names of agents without a file */
  readonly agents: readonly string[]
  /** names of models that are known to be unknown */
  readonly unknown: readonly string[]
  /** whether the steps are needed, or only the dependency graph */
  readonly wantsSteps: boolean
}

/** The answer of the thread as JSON text, which is several times faster to transfer than a structured copy. */
export type CompileAnswer = {
  readonly json: string
  /** names of models that the pipeline uses */
  readonly models: readonly string[]
}

export type BelowJob = { readonly below: ChildPipelineText; readonly tools: readonly ToolData[] }

/** A tool as the compiler needs it: schemas without checks in code. */
type ToolData = Pick<Tool, 'name' | 'description' | 'effect' | 'reach' | 'paths' | 'server'> & {
  readonly input?: ObjectSchema | undefined
  readonly output?: ObjectSchema | undefined
  /** it is code of a program: the hash of its parameters */
  readonly code?: string
}

export function dataOfTools(tools: readonly Tool[]): readonly ToolData[] {
  return tools.map((tool) => {
    const { name, description, effect, reach, paths, server } = tool
    const schemas = { input: inputSchemaOf(tool), output: outputSchemaOf(tool) }
    return {
      name,
      description,
      effect,
      ...present({ reach, paths, server }),
      ...schemas,
      ...present({ code: hashOfCode(tool) }),
    }
  })
}

/** The tools and agents that a thread finds by itself. */
type FoundInThread = {
  /** the built-in tools, and these */
  joinTools(more: readonly Tool[]): readonly Tool[]
  /** the agents in the files of a project */
  agentNames(project: string): readonly string[]
}

export async function runCompileJob(job: CompileJob, found: FoundInThread): Promise<CompileAnswer> {
  const { what, given, strict, strategy, strategies, project, roots, unknown, agents } = job
  const models = new Set<string>()
  const findModel = (name: string) => {
    models.add(name)
    return unknown.includes(name) ? undefined : name
  }
  const toolbox = createToolbox(found.joinTools(job.tools.map(toolOf)))
  const context = {
    toolbox,
    findModel,
    agentNames: () => [...found.agentNames(project), ...agents],
    given,
    strict,
    strategies,
    ...(strategy && { strategy }),
  }
  const made =
    'path' in what
      ? await compileFile(what.path, { ...context, project, roots, shown: what.shown })
      : compileBundle(what, context)
  return { json: JSON.stringify(job.wantsSteps ? made : outlineOf(made)), models: [...models] }
}

export function runBelowJob({ below, tools }: BelowJob, { joinTools }: Pick<FoundInThread, 'joinTools'>): string {
  const { text, file, includes, given, root } = below
  const toolbox = createToolbox(joinTools(tools.map(toolOf)))
  const read = includes && { read: includeReader(includes, root) }
  return JSON.stringify(compileText(text, { file, toolbox, given, ...read }))
}

function outlineOf({ findings, pipeline }: Compilation): Compilation {
  if (!pipeline) return { findings }
  const steps = Object.entries(pipeline.steps).filter(([node]) => node !== OUTPUTS_STEP)
  const needs = Object.fromEntries(steps.map(([node, { edges }]) => [node, { edges: { needs: edges.needs } }]))
  const { id, inputs } = pipeline
  return { findings, pipeline: { id, inputs, steps: needs } as CompiledPipeline }
}

function toolOf({ input, output, code, ...about }: ToolData): Tool {
  const validatorOf = about.server === undefined ? ownValidator : serverValidator
  const tool: Tool = {
    ...about,
    input: input ? validatorOf(input) : z.unknown(),
    ...(output && { output: validatorOf(output) as never }),
    execute() {
      throw new TypeError('a tool is not called where a pipeline is compiled')
    },
  }
  attachSchemas(tool, { ...(input && { input }), ...(output && { output }) })
  return code === undefined ? tool : markCodeTool(tool, code)
}

const ownValidator = (schema: ObjectSchema): Schema<unknown> =>
  z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])

const serverValidator = (schema: ObjectSchema) => checkOfServer(schema as Json)
