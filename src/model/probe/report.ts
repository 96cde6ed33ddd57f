import { present } from '../../lib/json/present.ts'
import type { ModelFacts } from '../choose/model-facts.ts'
import { needleTokens, type Probe, type ProbeAnswer, speedOf } from './probes.ts'

/** The end of one probe. `fault`: why there is no answer. */
export type ProbeEnd = { readonly answer: ProbeAnswer } | { readonly fault: string } | 'not asked'

/** A probe that ended, judged. */
type ProbeResult = {
  readonly probe: string
  readonly shows: string
  readonly verdict: 'passed' | 'failed' | 'not asked'
  /** the answer, or why there is none */
  readonly found?: string
  readonly seconds?: number
}

/** The report about a model after its probes. */
export type ProbeReport = {
  readonly model: string
  /** the ids of the probes that it passed */
  readonly capabilities: readonly string[]
  /** the tokens that its description states, if the needle was found in half of them; null: not shown */
  readonly contextWindow: number | null
  readonly tokensPerSecond?: number
  /** what its description rules out, which is not probed */
  readonly cannot?: readonly string[]
  readonly probeResults: readonly ProbeResult[]
  /** where its description claims otherwise, one sentence each */
  readonly contradictions: readonly string[]
}

/** Characters of an answer in a report. */
const MAX_FOUND = 200

/** Judges the ends of the probes of a model, and compares them with its description. Pure. */
export function reportOf(
  facts: Partial<ModelFacts> & { readonly id: string },
  probes: readonly Probe[],
  ends: ReadonlyMap<string, ProbeEnd>,
): ProbeReport {
  const probeResults = probes.map((probe) => resultOf(probe, ends.get(probe.id) ?? 'not asked'))
  const passed = (id: string) => probeResults.some(({ probe, verdict }) => probe === id && verdict === 'passed')
  const speed = ends.get('speed')
  const tokensPerSecond = typeof speed === 'object' && 'answer' in speed ? speedOf(speed.answer) : undefined
  return {
    model: facts.id,
    capabilities: probeResults.filter(({ verdict }) => verdict === 'passed').map(({ probe }) => probe),
    contextWindow: passed('needle') ? (facts.context ?? null) : null,
    ...present({ tokensPerSecond, cannot: facts.cannot }),
    probeResults,
    contradictions: contradictionsIn(facts, probeResults, tokensPerSecond),
  }
}

function resultOf({ id, shows, passes }: Probe, end: ProbeEnd): ProbeResult {
  const common = { probe: id, shows }
  if (end === 'not asked') return { ...common, verdict: end }
  if ('fault' in end) return { ...common, verdict: 'failed', found: end.fault.slice(0, MAX_FOUND) }
  const { value, seconds } = end.answer
  const found = (typeof value === 'string' ? value : JSON.stringify(value ?? null)).slice(0, MAX_FOUND)
  return { ...common, verdict: passes(end.answer) ? 'passed' : 'failed', found, seconds }
}

function contradictionsIn(
  { id, capabilities = [], context, tokensPerSecond: claimed }: Partial<ModelFacts> & { id: string },
  results: readonly ProbeResult[],
  measured: number | undefined,
): readonly string[] {
  const verdictOf = (probe: string) => results.find((one) => one.probe === probe)?.verdict
  const lacks = ['json', 'tools'].filter((one) => capabilities.includes(one) && verdictOf(one) === 'failed')
  const abilities = lacks.map(
    (one) => `The description of ${id} names the capability ${one}, and it failed that probe.`,
  )
  const isLost = context !== undefined && verdictOf('needle') === 'failed'
  const needle = `The description of ${id} states a context of ${context} tokens, and a word in ${needleTokens(context)} tokens was not found.`
  const isSlower = claimed !== undefined && measured !== undefined && measured < claimed / 2
  const speed = `The description of ${id} states ${claimed} tokens a second, and ${measured} were measured.`
  return [...abilities, ...(isLost ? [needle] : []), ...(isSlower ? [speed] : [])]
}
