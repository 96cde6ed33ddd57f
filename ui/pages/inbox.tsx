import { useState } from 'preact/hooks'
import type { InboxItem } from '../../src/client.ts'
import { InboxCards } from '../inbox/cards.tsx'
import { isAnyOpen, isOpen, openedItems, placeOf, wholeItems } from '../inbox/waiting.ts'
import { useLoaded, useReadAgain } from '../lib/load.ts'
import { isMounted, may } from '../lib/rights.ts'
import { go, href, route } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Empty, ShowMore, Shown } from '../parts/basics.tsx'
import { OtherPage } from './other-page.tsx'

const PAGE = 50
const MOST = 1000

/** What waits for the caller, the longest wait first, with its whole content and its form. */
export function Inbox() {
  const [size, setSize] = useState(PAGE)
  const [said, setSaid] = useState('')
  const items = useLoaded('inbox', async () => wholeItems(await client.inbox.list({ limit: size })), ['inbox'])
  // while more are read, those before stay with what is typed in them
  const more = () => {
    setSize(Math.min(MOST, size + 2 * PAGE))
    items.reload()
  }
  // the feed tells changes of the inbox only to a caller that reads all work
  useReadAgain(items, !may('read'))
  const isAbsent = isAnyOpen() && items.value?.some(isOpen) === false
  const linked = useLoaded(`linked ${isAbsent} ${route.value.query}`, async () => (isAbsent ? openedItems() : []), [
    'inbox',
  ]).value?.filter(isOpen)
  const shown = [...(linked ?? []), ...(items.value ?? [])]
  const answered = (item: InboxItem) => {
    const next = shown[shown.indexOf(item) + 1] ?? shown.find((other) => other !== item)
    setSaid(`Answered: ${item.title}`)
    if (isOpen(item)) go(next ? placeOf(next) : href(['inbox']))
    items.reload()
  }
  const beside = (item: InboxItem) =>
    may('read') &&
    isOpen(item) && <OtherPage>{({ Beside }) => <Beside item={item} close={() => go(href(['inbox']))} />}</OtherPage>
  return (
    <>
      <header class="page-head">
        <h1>Inbox</h1>
        {!isMounted() && may('read') && <a href={href(['machine'], { view: 'audit' })}>Who answered before</a>}
      </header>
      <p class="quiet" role="status">
        {said}
      </p>
      <Shown of={items}>
        {(found) => (
          <>
            {isAbsent && linked?.length === 0 && (
              <p class="note">What the address names waits no more: it is answered, or it has ended.</p>
            )}
            <InboxCards items={shown} done={answered} beside={beside} />
            {found.length === 0 && (
              <Empty title="Nothing waits for you.">
                <p class="quiet">Approvals, questions, unknown outcomes and budgets that are too small come here.</p>
              </Empty>
            )}
            {found.length >= size && size < MOST && <ShowMore more={more} />}
            {found.length >= MOST && <p class="quiet small">The {MOST} that wait longest are shown.</p>}
          </>
        )}
      </Shown>
    </>
  )
}
