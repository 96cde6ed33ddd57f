import type { ResultNote } from '../../tool/tool.ts'
import type { StepServices } from '../call/context.ts'
import type { StepOutcome, StepRemarks } from '../record/outcome.ts'
import type { AttemptOutcome } from './outcome.ts'

/** Notes of one step, and characters of a note. */
const MAX_NOTES = 20
const MAX_NOTE = 500

/** The outcome with the notes of its tool. A step whose result lacks something is degraded. */
export async function withNotes(
  outcome: AttemptOutcome,
  notes: readonly ResultNote[],
  services: Pick<StepServices, 'values' | 'secrets'>,
): Promise<AttemptOutcome> {
  if (notes.length === 0 || !hasEnded(outcome)) return outcome
  const { lacks, warnings: said = [], ...remarks } = await remarksOf(notes, services)
  const warnings = [...new Set([...(outcome.warnings ?? []), ...said])]
  const missing = lacks && { lacks: [...(outcome.lacks ?? []), ...lacks], degraded: true as const }
  return { ...outcome, ...remarks, ...missing, ...(warnings.length > 0 && { warnings }) }
}

const hasEnded = (outcome: AttemptOutcome): outcome is StepOutcome =>
  !('type' in outcome) && (outcome.status === 'completed' || outcome.status === 'failed')

async function remarksOf(
  notes: readonly ResultNote[],
  { values, secrets }: Pick<StepServices, 'values' | 'secrets'>,
): Promise<StepRemarks> {
  const shown = (text: string) => secrets?.shown(text) ?? text
  const distinct = (texts: readonly string[]) =>
    [...new Set(texts)].slice(0, MAX_NOTES).map((text) => shown(text).slice(0, MAX_NOTE))
  const warnings = distinct(notes.flatMap((note) => ('warning' in note ? [note.warning] : [])))
  const losses = notes.flatMap((note) => ('lacks' in note ? [note] : []))
  const lacks = distinct(losses.map((loss) => loss.lacks))
  const wholes = losses.flatMap(({ whole }) => whole ?? []).slice(0, MAX_NOTES)
  const whole = await Promise.all(
    wholes.map(async ({ field, text }) => ({ field, characters: text.length, blob: await values.put(shown(text)) })),
  )
  return {
    ...(warnings.length > 0 && { warnings }),
    ...(lacks.length > 0 && { lacks }),
    ...(whole.length > 0 && { whole }),
  }
}
