import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type Query, setQuery } from '../lib/router.ts'

type Props = {
  /** the parameter of the address that says which view is shown */
  readonly name?: string
  readonly views: { readonly [view: string]: ComponentChildren }
  readonly chosen: string
  /** parameters that belong to one view */
  readonly clears?: readonly string[]
}

/** The views of a page. The first one has no parameter in the address. Back returns to the one before; arrow keys go from one to the next. */
export function Tabs({ name = 'view', views, chosen, clears = [] }: Props) {
  const all = Object.keys(views)
  const list = useRef<HTMLDivElement>(null)
  // on a phone, the chosen one may be beyond the edge
  useEffect(() => {
    const tab = list.current?.querySelector<HTMLElement>('[aria-selected=true]')
    if (!list.current || !tab) return
    const beyond = tab.offsetLeft + tab.offsetWidth - list.current.offsetLeft - list.current.clientWidth
    if (beyond > list.current.scrollLeft) list.current.scrollLeft = beyond
  }, [chosen])
  const choose = (view: string, isPlace = false) => {
    const cleared = Object.fromEntries(clears.map((one) => [one, ''])) as Query
    setQuery({ ...cleared, [name]: view === all[0] ? '' : view }, { isPlace })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = (all.indexOf(chosen) + step + all.length) % all.length
    choose(all[next]!)
    const tabs = (event.currentTarget as Element).querySelectorAll<HTMLElement>('[role=tab]')
    tabs[next]?.focus()
  }
  return (
    <div ref={list} class="tabs" role="tablist" onKeyDown={onKeyDown}>
      {all.map((view) => (
        <button
          key={view}
          type="button"
          role="tab"
          aria-selected={view === chosen}
          tabIndex={view === chosen ? 0 : -1}
          onClick={() => choose(view, true)}
        >
          {views[view]}
        </button>
      ))}
    </div>
  )
}
