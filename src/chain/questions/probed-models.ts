import { problemOf } from '../../errors.ts'
import type { ProbeReport } from '../../model/probe/report.ts'
import type { FileContent } from '../../source/document.ts'
import { documentOfLines } from '../../source/media/document-of.ts'
import type { ExperienceState } from '../../thread/protocol/phase-states.ts'
import type { PhaseInput } from '../../thread/protocol/phase-types.ts'
import { mustPropagate } from '../../work/suspension.ts'
import { keepLast } from '../protocol/bounds.ts'
import type { PhaseContext, ProbedModel } from '../protocol/phase.ts'

/** Models of which a thread keeps the report. */
const MAX_PROBED = 4

/** The models that an ask is about. One that its thread knows is not probed again. */
export async function probeSubjects(
  { probes = [] }: ExperienceState,
  { sources }: Pick<PhaseInput, 'sources'>,
  context: Pick<PhaseContext, 'probe'>,
): Promise<Pick<ExperienceState, 'probes'> & { readonly probed?: readonly ProbedModel[] }> {
  const models = sources.flatMap(({ kind, ref }) => (kind === 'model' ? ref : []))
  if (models.length === 0) return {}
  const probed: ProbedModel[] = []
  for (const model of models) {
    const known = probes.find((one) => one.model === model)
    probed.push(known ? { model, report: known } : await probeOnce(model, context))
  }
  const reports = probed.flatMap((one) => ('report' in one ? one.report : []))
  const others = probes.filter(({ model }) => !models.includes(model))
  return { probed, probes: keepLast([...others, ...reports], MAX_PROBED) }
}

async function probeOnce(model: string, context: Pick<PhaseContext, 'probe'>): Promise<ProbedModel> {
  try {
    return { model, report: await context.probe(model) }
  } catch (error) {
    if (mustPropagate(error)) throw error
    const { message, hint } = problemOf(error)
    return { model, fault: hint === undefined ? message : `${message.replace(/\.$/, '')}: ${hint}` }
  }
}

/** A report as a text that is searched and cited, a line for each probe. */
export function documentOfProbes({ model, probeResults, ...report }: ProbeReport): FileContent {
  const { contextWindow, tokensPerSecond, cannot = [], contradictions } = report
  const named = (wanted: string) =>
    probeResults.flatMap(({ probe, verdict }) => (verdict === wanted ? probe : [])).join(', ') || 'none'
  const facts = [
    `${model} passed these probes: ${named('passed')}. It failed these: ${named('failed')}.`,
    contextWindow === null
      ? `The context window of ${model} was not shown.`
      : `The context window of ${model} has ${contextWindow} tokens, as its description states.`,
    ...(tokensPerSecond === undefined ? [] : [`The speed of ${model} is ${tokensPerSecond} tokens a second.`]),
    ...cannot.map((one) => `${model} does not support ${one}, as its description states.`),
    ...contradictions,
  ]
  const results = probeResults.map(({ probe, shows, verdict, found }) => ({
    at: `probe=${probe}`,
    text: `The probe ${probe}, which shows that ${model} ${shows}, ${ENDED[verdict]}${answered(found)}.`,
  }))
  const lines = [...facts.map((text) => ({ at: '', text })), ...results]
  return documentOfLines(
    'model',
    lines.map(({ at, text }, group) => ({ at, text, group, heading: `Probes of ${model}` })),
  )
}

const ENDED = { passed: 'passed', failed: 'failed', 'not asked': 'was not asked' } as const

const answered = (found: string | undefined) =>
  found === undefined ? '' : ` with the answer “${found.replaceAll(/\s+/g, ' ').trim()}”`
