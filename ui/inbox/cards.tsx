import type { ComponentChildren } from 'preact'
import type { InboxItem } from '../../src/client.ts'
import { InboxCard } from './card.tsx'
import { useNextFocus } from './next-focus.ts'
import { keyOf } from './waiting.ts'

type CardListProps<Item> = {
  readonly items: readonly Item[]
  keyOf(item: Item): string
  /** called after an answer */
  done(): void
  /** An `article` that calls `answered` after an answer. */
  card(item: Item, answered: () => void): ComponentChildren
}

/** Cards that are answered. After an answer, the focus goes to the next one. */
export function CardList<Item>({ items, keyOf: nameOf, done, card }: CardListProps<Item>) {
  const { list, leave } = useNextFocus(items.map(nameOf))
  if (items.length === 0) return null
  const answered = (item: Item) => () => {
    leave(nameOf(item))
    done()
  }
  return (
    <ul ref={list} class="items">
      {items.map((item) => (
        <li key={nameOf(item)}>{card(item, answered(item))}</li>
      ))}
    </ul>
  )
}

type Props = Pick<CardListProps<InboxItem>, 'items' | 'done'>

/** Items of the inbox, each with the form that answers it. */
export const InboxCards = ({ items, done }: Props) => (
  <CardList
    items={items}
    keyOf={keyOf}
    done={done}
    card={(item, answered) => <InboxCard item={item} done={answered} />}
  />
)
