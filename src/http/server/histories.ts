import { readFile } from 'node:fs/promises'
import { InvalidError, is } from '../../errors.ts'
import { parse } from '../../kernel/schema.ts'
import { parseExact } from '../../lib/json/exact.ts'
import { MAX_CHECKED } from '../../workflow/check/check-runs.ts'
import { type RunHistory, runHistory } from '../../workflow/check/run-history.ts'
import type { Client } from '../client/client.ts'

/** The histories of the open runs of workflows. A run that ends meanwhile is left out. */
export async function* openHistories(
  { runs, workflows }: Pick<Client, 'runs' | 'workflows'>,
  names: readonly string[],
): AsyncGenerator<RunHistory> {
  for (const name of names)
    for (const status of ['running', 'waiting'])
      for (const { id } of await runs.list({ name, status, limit: MAX_CHECKED })) {
        const history = await workflows.history(id).catch((error: unknown) => {
          // a pipeline may have the name of a workflow
          if (is(error, 'NotFoundError')) return undefined
          throw error
        })
        if (history) yield history
      }
}

/** The histories in a file: one, or a list. InvalidError if the file has anything else. */
export async function* exportedHistories(file: string): AsyncGenerator<RunHistory> {
  const text = await readFile(file, 'utf8')
  let given: unknown
  try {
    given = parseExact(text)
  } catch (cause) {
    throw new InvalidError(`${file}: expected the JSON of histories, got something else.`, { cause, hint: EXPORT })
  }
  for (const one of [given].flat()) yield (await parse(runHistory, one, file)) as RunHistory
}

const EXPORT = 'To export one: antiphon workflows history RUN > history.json'
