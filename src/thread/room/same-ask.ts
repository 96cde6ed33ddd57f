import { hash } from 'node:crypto'
import { resolve } from 'node:path'
import type { EngineView } from '../../engine/engine.ts'
import { idTakenError } from '../../engine/envelope.ts'
import { canonicalJson } from '../../store/cache/key.ts'
import type { AskRequest } from './port.ts'
import { placeOfAsk, recordAt } from './records.ts'

/**
 * A digest of the options of a request, which its thread keeps with the id; empty for a prompt alone. A file counts by
 * its path. Rights, urgency and budgets do not count.
 */
export function optionsDigest({ memory, ...request }: AskRequest): string {
  const { about, models, modality, domain, recursion, quick, checks, tools, web, share, priors } = request
  const files = request.files?.map((path) => resolve(path))
  const texts = request.texts?.map(({ name, text, base64 }) => [name, hash('sha256', text ?? base64 ?? '')])
  const { learn: _, ...used } = memory || {}
  const options = { about, models, modality, domain, recursion, quick, checks, tools, web, share, priors, files, texts }
  const given = Object.entries({ ...options, memory: memory === false ? memory : used }).filter(([, one]) =>
    isGiven(one),
  )
  return given.length === 0 ? '' : hash('sha256', canonicalJson(Object.fromEntries(given)), 'base64url').slice(0, 22)
}

const isGiven = (option: unknown) =>
  option !== undefined && (typeof option !== 'object' || Object.keys(Object(option)).length > 0)

/**
 * Checks a request whose id was used before: its prompt is the same, and so are its options if it has any. Error
 * `id_taken` if it is another question.
 */
export async function checkSameAsk(
  view: Pick<EngineView, 'parts'>,
  request: AskRequest & { readonly id: string },
): Promise<void> {
  const { thread, id, prompt } = request
  const asked = await placeOfAsk(view.parts, thread, id)
  const record = asked && (await recordAt(view.parts, thread, asked.n))
  if (record && record.prompt !== prompt) throw idTakenError(`the id ${id} belongs to another question`)
  const [digest, before = digest] = [optionsDigest(request), asked?.options]
  if (digest !== '' && digest !== before)
    throw idTakenError(`the id ${id} belongs to a question with other options or texts`)
}
