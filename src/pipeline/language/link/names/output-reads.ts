import { isAutoAnswerName } from '../../../plan/auto-tag.ts'
import type { ReportFinding } from '../../diagnostics/finding.ts'
import type { OutputSpec, PipelineSpec } from '../../parse/pipeline-spec.ts'
import { findCycle } from '../routes/dependency-graph.ts'
import { createWorkBudget } from '../routes/reachability.ts'
import { hyphenatedNames, type Mention, mentionsIn } from './mentions.ts'
import type { ReferenceContext } from './name-finding.ts'
import { graphScope } from './scopes.ts'

/** Finds the nodes that a mention reads. It is passed in, because resolving a mention of an output leads back here. */
type ResolveMention = (mention: Mention, around: ReferenceContext) => string | readonly string[] | undefined

/**
 * The steps that an output reads, also through other outputs; by default of all outputs. Reports
 * faults at their places.
 * @throws WorkLimitExceeded if outputs refer to each other too often
 */
export function readsOfOutputs(spec: PipelineSpec, name: string | undefined, resolve: ResolveMention): OutputReads {
  const { reads, ...outputs } = outputsOf(spec, resolve)
  const found = reads.get(name) ?? readsFrom(outputs, name)
  reads.set(name, found)
  return found
}

/** Reports outputs that depend on themselves, with the cycle. */
export function reportOutputCycle(spec: PipelineSpec, report: ReportFinding, resolve: ResolveMention): void {
  const { made } = outputsOf(spec, resolve)
  const needs = spec.outputs.map(({ name, value }) => [name, namesOutputs(value) ? othersOf(made(name), name) : []])
  const cycle = findCycle(Object.fromEntries(needs))
  if (!cycle) return
  const { path } = spec.outputs.find(({ name }) => name === cycle[0])!
  report('output_cycle', path, `outputs depend on each other: ${[...cycle, cycle[0]].join(' → ')}`)
}

export const hasOutput = (spec: PipelineSpec, name: string, resolve: ResolveMention) =>
  outputsOf(spec, resolve).names.has(name)

const namesOutputs = (value: OutputSpec['value']) => JSON.stringify(value).includes('outputs')

/** The sources of an output: nodes and other outputs. `all`: every output. */
type OutputSources = {
  readonly nodes: readonly string[]
  readonly others: readonly string[]
  readonly all: boolean
  /** whether it contains an <AUTO> tag */
  readonly asks: boolean
}

/** An output that reads all outputs reads itself. */
const othersOf = ({ others, all }: OutputSources, name: string) => (all ? [name] : others)

/** The outputs of a pipeline. The sources of each are found when they are needed, and the work for that is counted. */
type Outputs = {
  readonly names: ReadonlySet<string>
  made(name: string): OutputSources
  spend(count: number): void
}

function readsFrom({ names, made, spend }: Outputs, name: string | undefined): OutputReads {
  const wanted = new Set(name === undefined ? names : [name])
  const nodes = new Set<string>()
  let asks = false
  for (const each of wanted) {
    const { nodes: own, others, all, asks: isAsked } = made(each)
    asks ||= isAsked
    const more = all ? [...names] : others
    spend(1 + own.length + more.length)
    for (const other of more) wanted.add(other)
    for (const node of own) nodes.add(node)
  }
  return { nodes: [...nodes], asks }
}

/** The nodes that outputs read, and whether one of the outputs contains an <AUTO> tag. */
type OutputReads = Pick<OutputSources, 'nodes' | 'asks'>
type CachedOutputs = Outputs & { readonly reads: Map<string | undefined, OutputReads> }

const outputsBySpec = new WeakMap<PipelineSpec, CachedOutputs>()

function outputsOf(spec: PipelineSpec, resolve: ResolveMention): CachedOutputs {
  const found = outputsBySpec.get(spec)
  if (found) return found
  const specs = new Map(spec.outputs.map((output) => [output.name, output]))
  const names = new Set(specs.keys())
  const about = { report: () => {}, names: new Set(hyphenatedNames(spec)) }
  const made = new Map<string, OutputSources>()
  const outputs: CachedOutputs = {
    names,
    reads: new Map(),
    spend: createWorkBudget(),
    made(name) {
      const { value = null, path = [] } = specs.get(name) ?? {}
      const one = made.get(name) ?? sourcesOfOutput(mentionsIn(value, path, about), names, spec, resolve)
      made.set(name, one)
      return one
    },
  }
  outputsBySpec.set(spec, outputs)
  return outputs
}

function sourcesOfOutput(
  mentions: readonly Mention[],
  names: ReadonlySet<string>,
  spec: PipelineSpec,
  resolve: ResolveMention,
): OutputSources {
  const around = { spec, levels: [graphScope(spec.steps)], report: () => {} }
  const named = mentions.flatMap(({ name, path }) => (name === 'outputs' ? [path[0]] : []))
  const nodes = mentions.flatMap((mention) => (mention.name === 'outputs' ? [] : (resolve(mention, around) ?? [])))
  return {
    nodes: [...new Set(nodes)],
    others: [...new Set(named.flatMap((name) => (name !== undefined && names.has(name) ? [name] : [])))],
    all: named.includes(undefined),
    asks: mentions.some(({ name }) => isAutoAnswerName(name)),
  }
}
