import type { ActorRef, Cell } from '../../../kernel/types.ts'
import type { Known } from '../../inspect.ts'
import { recordedIn, runningOf } from '../admin/journal-query.ts'
import { messagesIn, type OpenMail, text } from '../admin/mail.ts'
import type { Client, Row } from '../client/client.ts'

/** An actor with what is before it. */
export type Before = { readonly of: ActorRef; readonly cell: Cell | undefined; readonly mail: readonly OpenMail[] }

/** All that is known of actors: their first messages are read, the others counted. */
export async function readKnown(client: Client, actors: readonly Before[]): Promise<readonly Known[]> {
  const parted = actors.map((actor) => ({ ...actor, ...partMail(actor.mail) }))
  const read = parted.flatMap(({ turn, queue, asleep }) => [...turn, ...queue, ...asleep])
  const journals = await readJournals(client, read)
  return parted.map(({ of, cell, turn, queue, asleep, unread }) => {
    const itemsOf = (mail: readonly OpenMail[]) => mail.flatMap(({ invocation }) => itemOf(journals.get(invocation)))
    const [running] = turn.flatMap(({ invocation }) => turnOf(journals.get(invocation)))
    return { of, cell, running, queue: itemsOf(queue), asleep: itemsOf(asleep), held: [], unread }
  })
}

/** Messages that are read of one actor; of those that sleep the youngest, for a timer that was set again sleeps on beside the new one. */
const READ = { waiting: 100, asleep: 200 } as const

function partMail(mail: readonly OpenMail[]) {
  const { running = [], waiting = [], asleep = [] } = Object.groupBy(mail, ({ status }) => status)
  return {
    turn: running.slice(0, 1),
    queue: waiting.slice(0, READ.waiting),
    asleep: asleep.slice(-READ.asleep),
    unread: Math.max(0, waiting.length - READ.waiting),
  }
}

/** Journals asked for at once. */
const PORTION = 200

async function readJournals(client: Client, mail: readonly OpenMail[]): Promise<ReadonlyMap<unknown, readonly Row[]>> {
  const rows: Row[] = []
  for (let from = 0; from < mail.length; from += PORTION) {
    const ids = mail.slice(from, from + PORTION).map(({ invocation }) => text(invocation))
    rows.push(
      ...(await client.query(
        `select id, index, entry_json as entry, appended_at as at from sys_journal where id in (${ids}) order by id, index`,
      )),
    )
  }
  return Map.groupBy(rows, ({ id }) => id)
}

type Journal = readonly Row[] | undefined

// a message without a journal was taken meanwhile
const itemOf = (journal: Journal) => (journal?.[0] ? messagesIn(journal[0].entry) : [])

function turnOf(journal: Journal) {
  return itemOf(journal).map(({ envelope, outcomes }) => {
    const recorded = recordedIn(journal ?? [])
    return runningOf(envelope, { ...recorded, outcomes: new Map([...outcomes, ...recorded.outcomes]) })
  })
}
