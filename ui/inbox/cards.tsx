import type { ComponentChildren, RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { InboxItem } from '../../src/client.ts'
import { InboxCard } from './card.tsx'
import { keyOf } from './waiting.ts'

type CardListProps<Item> = {
  readonly items: readonly Item[]
  keyOf(item: Item): string
  /** called after an answer */
  done(item: Item): void
  /** An `article` that calls `answered` after an answer. */
  card(item: Item, answered: () => void): ComponentChildren
}

/** ms after an answer in which a click on the same place (pixels) does nothing. */
const PAUSE_MS = 1000
const SAME_PLACE = 40

/** Cards that are answered. After an answer, the focus goes to the next one. */
export function CardList<Item>({ items, keyOf: nameOf, done, card }: CardListProps<Item>) {
  const { list, leave } = useNextFocus(items.map(nameOf))
  const last = useRef({ x: 0, y: 0, until: 0 })
  if (items.length === 0) return null
  const answered = (item: Item) => () => {
    leave(nameOf(item))
    last.current.until = performance.now() + PAUSE_MS
    done(item)
  }
  /** The next card comes under the pointer: a second click on the same place must not answer it. */
  const ignoreSecond = (event: MouseEvent) => {
    const { clientX: x, clientY: y, detail } = event
    const { until } = last.current
    const isSecond = detail > 0 && Math.hypot(x - last.current.x, y - last.current.y) < SAME_PLACE
    last.current = { x, y, until }
    if (isSecond && performance.now() < until) {
      event.preventDefault()
      event.stopPropagation()
    }
  }
  return (
    <ul ref={list} class="items" onClickCapture={ignoreSecond}>
      {items.map((item) => (
        <li key={nameOf(item)}>{card(item, answered(item))}</li>
      ))}
    </ul>
  )
}

type Props = Pick<CardListProps<InboxItem>, 'items' | 'done'> & {
  /** what stands beside a card */
  beside?(item: InboxItem): ComponentChildren
}

/** Items of the inbox, each with the form that answers it. */
export const InboxCards = ({ items, done, beside }: Props) => (
  <CardList
    items={items}
    keyOf={keyOf}
    done={done}
    card={(item, answered) => (
      <>
        <InboxCard item={item} done={answered} />
        {beside?.(item)}
      </>
    )}
  />
)

/** Puts the focus on a card, or on a heading. */
export function focusOn(element: HTMLElement): void {
  element.tabIndex = -1
  element.focus()
  element.parentElement?.scrollIntoView({ block: 'nearest' })
}

/** Where the focus goes when a card of a list was answered, and with it the button that had the focus. */
type NextFocus = {
  /** the list, whose children are the cards in the order of their keys */
  readonly list: RefObject<HTMLUListElement | null>
  /** the card with this key was answered */
  leave(key: string): void
}

/** After an answer, the focus goes to the card that takes the place of the answered one, or to the heading of the page. */
function useNextFocus(keys: readonly string[]): NextFocus {
  const list = useRef<HTMLUListElement>(null)
  const left = useRef<{ readonly key: string; readonly place: number } | undefined>(undefined)
  useLayoutEffect(() => {
    if (!left.current) return
    const { key, place } = left.current
    // a card with several questions stays until all of them are answered
    const at = keys.indexOf(key)
    if (at < 0) left.current = undefined
    if (document.activeElement !== document.body) return
    const cards = list.current?.querySelectorAll<HTMLElement>(':scope > li > article') ?? []
    const next =
      cards[at < 0 ? Math.min(place, cards.length - 1) : at] ?? document.querySelector<HTMLElement>('main h1')
    if (!next) return
    focusOn(next)
  })
  return {
    list,
    leave(key) {
      left.current = { key, place: keys.indexOf(key) }
    },
  }
}
