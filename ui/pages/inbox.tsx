import { useState } from 'preact/hooks'
import { InboxCards } from '../inbox/cards.tsx'
import { wholeItems } from '../inbox/waiting.ts'
import { useLoaded, useReadAgain } from '../lib/load.ts'
import { isMounted, may } from '../lib/rights.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Empty, Shown } from '../parts/basics.tsx'

const PAGE = 50
const MOST = 1000

/** What waits for the caller, the longest wait first, with its whole content and its form. */
export function Inbox() {
  const [size, setSize] = useState(PAGE)
  const items = useLoaded('inbox', async () => wholeItems(await client.inbox.list({ limit: size })), ['inbox'])
  // while more are read, those before stay with what is typed in them
  const more = () => {
    setSize(Math.min(MOST, size + 2 * PAGE))
    items.reload()
  }
  // the feed tells changes of the inbox only to a caller that reads all work
  useReadAgain(items, !may('read'))
  return (
    <>
      <header class="page-head">
        <h1>Inbox</h1>
        {!isMounted() && may('read') && <a href={href(['machine'], { view: 'audit' })}>Who answered before</a>}
      </header>
      <Shown of={items}>
        {(found) => (
          <>
            <InboxCards items={found} done={items.reload} />
            {found.length === 0 && (
              <Empty title="Nothing waits for you.">
                <p class="quiet">Approvals, questions, unknown outcomes and budgets that are too small come here.</p>
              </Empty>
            )}
            {found.length >= size && size < MOST && (
              <p class="more">
                <button type="button" onClick={more}>
                  Show more
                </button>
              </p>
            )}
            {found.length >= MOST && <p class="quiet small">The {MOST} that wait longest are shown.</p>}
          </>
        )}
      </Shown>
    </>
  )
}
