import type { Report } from '../findings.ts'
import type { PipelineSpec } from '../spec.ts'
import { findCycle } from './graph.ts'
import { graphLevel } from './levels.ts'
import { namesWithHyphens, resolve } from './names.ts'
import { type Mention, mentionsIn } from './templates.ts'

/** The nodes that these outputs are made of, also through one another. What is wrong with them is said where they stand. */
export function readsOfOutputs(spec: PipelineSpec, names: readonly string[]): readonly string[] {
  const levels = [graphLevel(spec.steps)]
  const mentions = mentionsOf(spec)
  const wanted = new Set(names)
  const nodes = new Set<string>()
  for (const name of wanted) {
    for (const mention of mentions.get(name) ?? []) {
      if (mention.name === 'outputs') for (const other of otherOutputs([mention], spec)) wanted.add(other)
      else for (const node of [resolve(mention, { spec, levels, report: () => {} }) ?? []].flat()) nodes.add(node)
    }
  }
  return [...nodes]
}

/** Reports outputs that are made of themselves, with the way around. */
export function reportOutputCycle(spec: PipelineSpec, report: Report): void {
  const mentions = mentionsOf(spec)
  const needs = spec.outputs.map(({ name }) => [name, otherOutputs(mentions.get(name) ?? [], spec)] as const)
  const cycle = findCycle(Object.fromEntries(needs))
  if (!cycle) return
  const { path } = spec.outputs.find(({ name }) => name === cycle[0])!
  report('output_cycle', path, `outputs are made of each other: ${[...cycle, cycle[0]].join(' → ')}`)
}

type Mentions = ReadonlyMap<string, readonly Mention[]>

const known = new WeakMap<PipelineSpec, Mentions>()

function mentionsOf(spec: PipelineSpec): Mentions {
  const names = new Set(namesWithHyphens(spec))
  const found =
    known.get(spec) ??
    new Map(spec.outputs.map(({ name, value, path }) => [name, mentionsIn(value, path, { report: () => {}, names })]))
  known.set(spec, found)
  return found
}

function otherOutputs(mentions: readonly Mention[], { outputs }: PipelineSpec): readonly string[] {
  const wanted = mentions.filter(({ name }) => name === 'outputs').map(({ path: [name] }) => name)
  return outputs.map(({ name }) => name).filter((name) => wanted.includes(name) || wanted.includes(undefined))
}
