import { signal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { base } from './server.ts'

/** The address of a page below `/ui/`: its words, and the parameters behind them. */
type Route = { readonly path: readonly string[]; readonly query: URLSearchParams }

const ROOT = `${base}/ui/`

function read(): Route {
  const path = location.pathname.startsWith(ROOT) ? location.pathname.slice(ROOT.length) : ''
  return { path: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(location.search) }
}

/** A word of an address that somebody typed may not be encoded. */
function decoded(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    return word
  }
}

/** The page that is shown. All state of a page is in it, so an address shows the same to another person. */
export const route = signal<Route>(read())

addEventListener('popstate', () => {
  route.value = read()
})

export type Query = { readonly [name: string]: string | undefined }

export function href(path: readonly string[], query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : []))
  const search = new URLSearchParams(given).toString()
  return `${ROOT}${path.map(encodeURIComponent).join('/')}${search && `?${search}`}`
}

export function go(address: string): void {
  history.pushState(null, '', address)
  route.value = read()
  scrollTo(0, 0)
}

function changed(changes: Query): string {
  const { path, query } = route.peek()
  return href(path, { ...Object.fromEntries(query), ...changes })
}

const shownAddress = () => location.pathname + location.search

/** Changes parameters of the page that is shown, such as filters. `isPlace`: Back returns to the parameters before. */
export function setQuery(changes: Query, { isPlace = false } = {}): void {
  const address = changed(changes)
  if (isPlace && address !== shownAddress()) history.pushState({ before: shownAddress() }, '', address)
  else history.replaceState(history.state, '', address)
  route.value = read()
}

/** Opens a step beside the page, or another one in its place; empty: closes it. Back closes what was opened. */
export function setStep(step: string | undefined): void {
  const { before } = (history.state ?? {}) as { readonly before?: string }
  if (step === '' && before === changed({ step })) history.back()
  else setQuery({ step }, { isPlace: step !== '' && !route.peek().query.has('step') })
}

/** What is open of the groups of a page, by their names. */
export const openIn = (query: URLSearchParams): ReadonlySet<string> =>
  new Set((query.get('open') ?? '').split(',').filter(Boolean))

export function toggleOpen(name: string): void {
  const names = new Set(openIn(route.peek().query))
  if (!names.delete(name)) names.add(name)
  setQuery({ open: [...names].join(',') })
}

/** Whether a key belongs to a field, or to a dialog that is open: a button of it that works has no focus. */
const isElsewhere = ({ target }: KeyboardEvent): boolean =>
  !!(target as Element).closest?.('input, textarea, select') || document.querySelector('dialog[open]') !== null

/** Escape closes something beside the page. */
export function useEscape(close: () => void): void {
  const newest = useRef(close)
  newest.current = close
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || isElsewhere(event)) return
      event.preventDefault()
      newest.current()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

type ListKeys = {
  readonly count: number
  /** the place of the chosen row; -1: none is */
  at(): number
  move(to: number): void
  /** Enter */
  open?(at: number): void
  /** Escape */
  leave?(): void
}

/** j and k move in a list. Keys may come faster than the page is drawn. */
export function useListKeys(keys: ListKeys): void {
  const newest = useRef(keys)
  newest.current = keys
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { key, target, ctrlKey, metaKey, defaultPrevented } = event
      if (defaultPrevented || ctrlKey || metaKey || isElsewhere(event)) return
      const { count, at, move, open, leave } = newest.current
      if (key === 'j' && count > 0) move(Math.min(count - 1, at() + 1))
      if (key === 'k' && count > 0) move(Math.max(0, at() - 1))
      if (key === 'Enter' && !(target as Element).closest?.('a, button, summary')) open?.(at())
      if (key === 'Escape') leave?.()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

addEventListener('click', onLink)

/** Links within the pages load no document. */
function onLink(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest?.('a[href]')
  if (!(link instanceof HTMLAnchorElement) || link.target !== '' || link.hasAttribute('download')) return
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  if (link.origin !== location.origin || !link.pathname.startsWith(ROOT)) return
  event.preventDefault()
  go(link.pathname + link.search)
}
