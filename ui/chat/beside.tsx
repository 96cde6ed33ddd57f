import { useLayoutEffect, useRef } from 'preact/hooks'
import type { InboxItem } from '../../src/client.ts'
import { focusOn } from '../inbox/cards.tsx'
import { placeOf, threadOf } from '../inbox/waiting.ts'
import { useLoaded } from '../lib/load.ts'
import { href, useEscape } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Shown } from '../parts/basics.tsx'
import { Exchange } from './exchange.tsx'

/** Messages that are shown, each with its answer. */
const MOST = 3

type Props = { readonly item: InboxItem; close(): void }

/** The last messages of the conversation in which an opened item waits, beside its card. Escape closes it. */
export function Beside({ item, close }: Props) {
  const place = useRef<HTMLElement>(null)
  useEscape(close)
  useLayoutEffect(() => {
    const card = place.current?.parentElement?.querySelector<HTMLElement>('article')
    if (card && document.activeElement === document.body) focusOn(card)
    else card?.scrollIntoView({ block: 'nearest' })
  }, [])
  const read = async () => {
    const thread = item.kind === 'goal' ? (await client.goals.get(item.goal)).parent?.thread : threadOf(item)
    return thread === undefined ? null : client.threads.get(thread)
  }
  const found = useLoaded(`beside ${placeOf(item)}`, read, ['threads', 'inbox'])
  return (
    <aside ref={place} class="beside" aria-label="Its conversation">
      <Shown of={found}>
        {(thread) =>
          thread === null ? (
            <p class="quiet">It belongs to no conversation.</p>
          ) : (
            <>
              <h3>
                <a href={href(['threads', thread.id])}>{thread.name ?? `The conversation ${thread.id}`}</a>
              </h3>
              <ol class="talk">
                {thread.asks.slice(-MOST).map(({ goal: _, ...ask }) => (
                  <li key={ask.id}>
                    <Exchange ask={ask} owner={thread.owner} thread={thread.id} isHeld />
                  </li>
                ))}
              </ol>
            </>
          )
        }
      </Shown>
    </aside>
  )
}
