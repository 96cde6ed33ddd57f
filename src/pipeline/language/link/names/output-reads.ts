import { isAutoAnswerName } from '../../../plan/auto-tag.ts'
import type { ReportFinding } from '../../diagnostics/finding.ts'
import type { OutputSpec, PipelineSpec } from '../../parse/pipeline-spec.ts'
import { findCycle } from '../routes/dependency-graph.ts'
import { openBudget } from '../routes/reachability.ts'
import { type Mention, mentionsIn, namesWithHyphens } from './mentions.ts'
import type { Surroundings } from './name-finding.ts'
import { graphLevel } from './scopes.ts'

/** Finds what a mention reads. It is passed in, since resolving a mention of an output comes back here. */
type Resolve = (mention: Mention, around: Surroundings) => string | readonly string[] | undefined

/**
 * What an output is made of, also through others; of all outputs when none is named. What is wrong with them is said where they
 * stand. Throws TooFar when outputs lead to one another too often.
 */
export function readsOfOutputs(spec: PipelineSpec, name: string | undefined, resolve: Resolve): Reads {
  const { reads, ...outputs } = outputsOf(spec, resolve)
  const found = reads.get(name) ?? readsFrom(outputs, name)
  reads.set(name, found)
  return found
}

/** Reports outputs that are made of themselves, with the way around. */
export function reportOutputCycle(spec: PipelineSpec, report: ReportFinding, resolve: Resolve): void {
  const { made } = outputsOf(spec, resolve)
  const needs = spec.outputs.map(({ name, value }) => [name, namesOutputs(value) ? othersOf(made(name), name) : []])
  const cycle = findCycle(Object.fromEntries(needs))
  if (!cycle) return
  const { path } = spec.outputs.find(({ name }) => name === cycle[0])!
  report('output_cycle', path, `outputs are made of each other: ${[...cycle, cycle[0]].join(' → ')}`)
}

/** Whether a pipeline has an output of that name. */
export const hasOutput = (spec: PipelineSpec, name: string, resolve: Resolve) =>
  outputsOf(spec, resolve).names.has(name)

const namesOutputs = (value: OutputSpec['value']) => JSON.stringify(value).includes('outputs')

/** What one output is made of: nodes, and other outputs; `all`: of each of them. */
type Made = {
  readonly nodes: readonly string[]
  readonly others: readonly string[]
  readonly all: boolean
  /** whether a model is asked for it */
  readonly asks: boolean
}

/** Who is made of all is made of itself. */
const othersOf = ({ others, all }: Made, name: string) => (all ? [name] : others)

/** The outputs of a pipeline; what each is made of is looked up when it is asked for, and how much of that is counted. */
type Outputs = {
  readonly names: ReadonlySet<string>
  made(name: string): Made
  spend(count: number): void
}

function readsFrom({ names, made, spend }: Outputs, name: string | undefined): Reads {
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

/** What outputs are made of, and whether a model is asked for any of them. */
type Reads = Pick<Made, 'nodes' | 'asks'>
type Known = Outputs & { readonly reads: Map<string | undefined, Reads> }

const known = new WeakMap<PipelineSpec, Known>()

function outputsOf(spec: PipelineSpec, resolve: Resolve): Known {
  const found = known.get(spec)
  if (found) return found
  const specs = new Map(spec.outputs.map((output) => [output.name, output]))
  const names = new Set(specs.keys())
  const about = { report: () => {}, names: new Set(namesWithHyphens(spec)) }
  const made = new Map<string, Made>()
  const outputs: Known = {
    ...{ names, reads: new Map(), spend: openBudget() },
    made(name) {
      const { value = null, path = [] } = specs.get(name) ?? {}
      const one = made.get(name) ?? madeOf(mentionsIn(value, path, about), names, spec, resolve)
      made.set(name, one)
      return one
    },
  }
  known.set(spec, outputs)
  return outputs
}

function madeOf(mentions: readonly Mention[], names: ReadonlySet<string>, spec: PipelineSpec, resolve: Resolve): Made {
  const around = { spec, levels: [graphLevel(spec.steps)], report: () => {} }
  const named = mentions.flatMap(({ name, path }) => (name === 'outputs' ? [path[0]] : []))
  const nodes = mentions.flatMap((mention) => (mention.name === 'outputs' ? [] : (resolve(mention, around) ?? [])))
  return {
    nodes: [...new Set(nodes)],
    others: [...new Set(named.flatMap((name) => (name !== undefined && names.has(name) ? [name] : [])))],
    all: named.includes(undefined),
    asks: mentions.some(({ name }) => isAutoAnswerName(name)),
  }
}
