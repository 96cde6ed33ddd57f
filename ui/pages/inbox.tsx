import { useState } from 'preact/hooks'
import type { InboxItem } from '../../src/client.ts'
import { Answered } from '../inbox/answered.tsx'
import { focusOn, InboxCards } from '../inbox/cards.tsx'
import {
  FILTERS,
  filtersOf,
  inboxAddress,
  isAnyOpen,
  isOpen,
  openedItems,
  placeOf,
  valuesOf,
  wholeItems,
} from '../inbox/waiting.ts'
import { hasWords } from '../lib/format.ts'
import { useLoaded, useReadAgain } from '../lib/load.ts'
import { go, href, route, useListKeys } from '../lib/router.ts'
import { client, hasInbox, may } from '../lib/server.ts'
import { Empty, ShowMore, Shown } from '../parts/basics.tsx'
import { ListFilters } from '../parts/filters.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { OtherPage } from './other-page.tsx'

const PAGE = 50
const MOST = 1000

/** The items that wait for people, and the decisions: all of them with the scope `audit`, else those of the caller. */
export function Inbox() {
  const mayLookBack = may('audit', 'approve')
  const isDecided = !hasInbox() || (mayLookBack && route.value.query.get('view') === 'decided')
  return (
    <>
      <h1>Inbox</h1>
      {hasInbox() && mayLookBack && (
        <Tabs
          views={{ waiting: 'Waiting', decided: may('audit') ? 'Decided' : 'My decisions' }}
          chosen={isDecided ? 'decided' : 'waiting'}
          clears={[...FILTERS, 'by', 'text', 'run', 'step', 'goal', 'thread', 'record', 'kind']}
        />
      )}
      {isDecided ? <OtherPage>{({ Decisions }) => <Decisions />}</OtherPage> : <Waiting />}
    </>
  )
}

/** What waits for the caller, the longest wait first, with its whole content and its form. */
function Waiting() {
  const { query } = route.value
  const text = query.get('text') ?? ''
  const where = filtersOf(query)
  const filter = JSON.stringify(where)
  const [size, setSize] = useState(PAGE)
  const [said, setSaid] = useState('')
  const read = async () => wholeItems(await client.inbox.list({ ...where, limit: size }))
  const items = useLoaded(`inbox ${filter}`, read, ['inbox'])
  // while more are read, those before stay with what is typed in them
  const more = () => {
    setSize(Math.min(MOST, size + 2 * PAGE))
    items.reload()
  }
  // the feed tells changes of the inbox only to a caller that reads all work
  useReadAgain(items, !may('read'))
  const found = items.value?.filter((item) => isOpen(item) || hasWords(item, text))
  const isAbsent = isAnyOpen() && found?.some(isOpen) === false
  const linked = useLoaded(`linked ${isAbsent} ${query}`, async () => (isAbsent ? openedItems() : []), [
    'inbox',
  ]).value?.filter(isOpen)
  const shown = [...(linked ?? []), ...(found ?? [])]
  const answered = (item: InboxItem) => {
    const next = shown[shown.indexOf(item) + 1] ?? shown.find((other) => other !== item)
    setSaid(`Answered: ${item.title}`)
    if (isOpen(item)) go(next ? placeOf(next) : inboxAddress())
    items.reload()
  }
  const cards = () => [...document.querySelectorAll<HTMLElement>('.items > li > article')]
  useListKeys({
    count: shown.length,
    at: () => cards().findIndex((card) => card.contains(document.activeElement)),
    move: (to) => focusOn(cards()[to]!),
    open: (at) => may('read') && shown[at] && go(placeOf(shown[at])),
  })
  const beside = (item: InboxItem) =>
    may('read') &&
    isOpen(item) && <OtherPage>{({ Beside }) => <Beside item={item} close={() => go(inboxAddress())} />}</OtherPage>
  const isFiltered = text !== '' || filter !== '{}'
  return (
    <>
      <ListFilters names={FILTERS} of={items.value ?? []} valuesOf={valuesOf} />
      <p class="quiet" role="status">
        {said}
      </p>
      <Shown of={items}>
        {({ length }) => (
          <>
            {isAbsent && linked?.length === 0 && <Answered />}
            <InboxCards items={shown} done={answered} beside={beside} />
            {found?.length === 0 && isFiltered && (
              <Empty title="Nothing that waits fits these filters." way={[href(['inbox']), 'Show all that waits']} />
            )}
            {length === 0 && !isFiltered && (
              <Empty title="Nothing waits for you.">
                Approvals, questions, unknown outcomes and budgets that are too small come here.
              </Empty>
            )}
            {length >= size && size < MOST && <ShowMore more={more} />}
            {length >= MOST && <p class="quiet small">The {MOST} that wait longest are shown.</p>}
          </>
        )}
      </Shown>
    </>
  )
}
