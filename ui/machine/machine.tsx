import { route } from '../lib/router.ts'
import { Guard } from '../parts/guard.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { Acts, Keys } from './access.tsx'
import { Actors, Tree } from './actors.tsx'
import { Bulks } from './bulks.tsx'
import { Cache } from './cache.tsx'
import { Letters } from './letters.tsx'
import { Load } from './load.tsx'
import { Budgets, Models } from './models.tsx'
import { Pools } from './pools.tsx'
import { Schedules } from './schedules.tsx'

const VIEWS = {
  pools: ['Pools', Pools],
  load: ['Load', Load],
  schedules: ['Schedules', Schedules],
  letters: ['Dead letters', Letters],
  bulks: ['Many runs', Bulks],
  models: ['Models', Models],
  budgets: ['Budgets', Budgets],
  actors: ['Actors', Actors],
  tree: ['Tree', Tree],
  keys: ['Keys', Keys],
  audit: ['Audit', Acts],
  cache: ['Cache', Cache],
} as const
type View = keyof typeof VIEWS
const LABELS = Object.fromEntries(Object.entries(VIEWS).map(([view, [label]]) => [view, label]))

/** Pools, schedules, failed messages, operations on many runs, actors, keys, audit and cache. The address says which. */
export function Machine() {
  const given = route.value.query.get('view') ?? ''
  const view: View = Object.hasOwn(VIEWS, given) ? (given as View) : 'pools'
  const [, Content] = VIEWS[view]
  return (
    <>
      <h1>Machine</h1>
      <Tabs views={LABELS} chosen={view} clears={['ref']} />
      <Guard key={view}>
        <Content />
      </Guard>
    </>
  )
}
