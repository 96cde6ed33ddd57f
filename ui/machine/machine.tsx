import type { ComponentChildren } from 'preact'
import { type Loaded, useLoaded } from '../lib/load.ts'
import { route, setQuery } from '../lib/router.ts'
import { isForbidden } from '../lib/server.ts'
import { Empty, Shown } from '../parts/basics.tsx'
import { Acts, Keys } from './access.tsx'
import { Actors } from './actors.tsx'
import { Cache } from './cache.tsx'
import { Letters } from './letters.tsx'
import { Load } from './load.tsx'
import { Budgets, Models } from './models.tsx'
import { Pools } from './pools.tsx'
import { Schedules } from './schedules.tsx'
import { Tree } from './tree.tsx'

const VIEWS = {
  pools: ['Pools', Pools],
  load: ['Load', Load],
  schedules: ['Schedules', Schedules],
  letters: ['Dead letters', Letters],
  models: ['Models', Models],
  budgets: ['Budgets', Budgets],
  actors: ['Actors', Actors],
  tree: ['Tree', Tree],
  keys: ['Keys', Keys],
  audit: ['Audit', Acts],
  cache: ['Cache', Cache],
} as const
type View = keyof typeof VIEWS

/** What works here, and what it may: pools, schedules, failed messages, actors, keys, audit, cache. The address says which. */
export function Machine() {
  const given = route.value.query.get('view') ?? ''
  const view: View = Object.hasOwn(VIEWS, given) ? (given as View) : 'pools'
  const [, Content] = VIEWS[view]
  return (
    <>
      <h1>Machine</h1>
      <div class="tabs" role="tablist">
        {(Object.keys(VIEWS) as View[]).map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={one === view}
            onClick={() => setQuery({ view: one === 'pools' ? '' : one, ref: '' })}
          >
            {VIEWS[one][0]}
          </button>
        ))}
      </div>
      <Content />
    </>
  )
}

/** What a read gives, or that the caller may not ask it. */
type Allowed<Value> = { readonly value: Value } | 'forbidden'

/** Reads a value that some callers may not see. */
export function useAllowed<Value>(
  key: string,
  read: () => Promise<Value>,
  topics: readonly string[] = [],
): Loaded<Allowed<Value>> {
  return useLoaded<Allowed<Value>>(
    key,
    async () => {
      try {
        return { value: await read() }
      } catch (error) {
        if (isForbidden(error)) return 'forbidden'
        throw error
      }
    },
    topics,
  )
}

/** A value that some callers may not see. */
export function ShownIfAllowed<Value>({
  of,
  children,
}: {
  readonly of: Loaded<Allowed<Value>>
  children(value: Value): ComponentChildren
}) {
  return (
    <Shown of={of} lines={4}>
      {(found) => (found === 'forbidden' ? <Empty title="Only an admin sees this." /> : children(found.value))}
    </Shown>
  )
}
