import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** Where the focus goes when a card of a list was answered, and with it the button that had the focus. */
type NextFocus = {
  /** the list, whose children are the cards in the order of their keys */
  readonly list: RefObject<HTMLUListElement | null>
  /** the card with this key was answered */
  leave(key: string): void
}

/** After an answer, the focus goes to the card that takes the place of the answered one, or to the heading of the page. */
export function useNextFocus(keys: readonly string[]): NextFocus {
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
    next.tabIndex = -1
    next.focus()
  })
  return {
    list,
    leave(key) {
      left.current = { key, place: keys.indexOf(key) }
    },
  }
}
