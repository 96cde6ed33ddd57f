import { setTimeout as sleep } from 'node:timers/promises'
import { is } from '../../errors.ts'
import type { Client } from '../../http/client/client.ts'
import { cursorOfItem } from '../../inbox/room/port.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { present } from '../../lib/json/present.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { RunSummary } from '../../run/room/documents.ts'
import type { RunRequest } from '../../run/room/port.ts'
import type { InboxItem } from '../../thread/room/documents/inbox.ts'
import { formatDuration } from '../terminal/format.ts'

/** Lists are compared so far: the newest runs, and the longest waits. */
const LISTED = { limit: 100 } as const
/** ms until the next owner of the folder is asked */
const PAUSE_MS = 250

/** Says which runs of a folder begin and end, and shows what waits for an answer, until the signal. */
export async function tellNews(
  client: Client,
  signal: AbortSignal,
  say: (line: string) => void,
  show: (item: InboxItem) => void,
): Promise<void> {
  let runs: ReadonlyMap<string, string> = new Map()
  const since = Date.now()
  let items: ReadonlySet<string> = new Set()
  const looks: { readonly [topic: string]: () => Promise<void> } = {
    async runs() {
      const found = await client.runs.list({ ...LISTED, top: true })
      for (const line of runLines(runs, found, since)) say(line)
      runs = new Map(found.map(({ id, status }) => [id, status]))
    },
    async inbox() {
      const found = await client.inbox.list(LISTED)
      for (const item of found) if (!items.has(cursorOfItem(item))) show(item)
      items = new Set(found.map(cursorOfItem))
    },
  }
  while (!signal.aborted) {
    try {
      for await (const { topic } of client.feed({ topics: 'runs,inbox' }, { signal })) await looks[topic]?.()
    } catch (error) {
      // the owner has ended, and the next version is the next one
      if (!signal.aborted && !is(error)) throw error
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {})
  }
}

const isOpen = (status: string) => status === 'running' || status === 'waiting'

/** A line for each run that began or ended. `before` has the status of each; a run older than `since` has not begun. */
export function runLines(
  before: ReadonlyMap<string, string>,
  found: readonly Pick<RunSummary, 'id' | 'name' | 'status' | 'startedAt' | 'finishedAt'>[],
  since: number,
): readonly string[] {
  return found.toReversed().flatMap(({ id, name, status, startedAt, finishedAt = startedAt }) => {
    const was = before.get(id)
    if (was === undefined ? startedAt < since : isOpen(status) || !isOpen(was)) return []
    if (isOpen(status)) return [`${id} ${name} begins`]
    const more = status === 'failed' ? `: antiphon show ${id}` : ''
    return [`${id} ${name} ${status} after ${formatDuration(finishedAt - startedAt)}${more}`]
  })
}

/** A run that can start again. `mayRepeat`: it has, or may have, steps that must not be repeated. */
type Again = { readonly id: string; readonly name: string; readonly mayRepeat: boolean; readonly request: RunRequest }

/** The newest run of this user, with what starts it again; undefined: there is none. */
export async function lastRun({ runs, pipelines }: Pick<Client, 'runs' | 'pipelines'>): Promise<Again | undefined> {
  const all = await runs.list({ ...LISTED, top: true })
  for (const { id, name } of all.filter(({ owner }) => owner === LOCAL_OWNER)) {
    const source = await runs.source(id)
    const { inputs = null } = source
    // a function does not say in advance which steps it has
    if (source.language === 'workflow')
      return { id, name, mayRepeat: true, request: { workflow: source.workflow, input: inputs } }
    // calls of a goal have no text
    if (source.text === undefined) continue
    const text = { source: { text: source.text, ...present({ name: source.name, files: source.files }) } }
    const mayRepeat = JSON.stringify(await pipelines.plan(text)).includes('"effect":"at-most-once"')
    return { id, name, mayRepeat, request: { ...text, ...(isJsonObject(inputs) && { inputs }) } }
  }
  return undefined
}
