import type { InboxItem } from '../../src/client.ts'
import { InboxCard } from './card.tsx'
import { useNextFocus } from './next-focus.ts'
import { keyOf } from './waiting.ts'

type Props = {
  readonly items: readonly InboxItem[]
  /** called after an answer */
  done(): void
}

/** Items of the inbox, each with the form that answers it. */
export function InboxCards({ items, done }: Props) {
  const { list, leave } = useNextFocus(items.map(keyOf))
  if (items.length === 0) return null
  return (
    <ul ref={list} class="items">
      {items.map((item) => (
        <li key={keyOf(item)}>
          <InboxCard
            item={item}
            done={() => {
              leave(keyOf(item))
              done()
            }}
          />
        </li>
      ))}
    </ul>
  )
}
