import type { Page } from 'playwright-core'
import { until } from '../../src/testing/until.ts'

/** The things that some views show; absent: there is none. */
type Shown = {
  readonly run?: string
  /** a step of the run */
  readonly step?: string
  readonly thread?: string
  readonly goal?: string
  readonly record?: string
  /** a test of an agent, and a case of it */
  readonly test?: string
  readonly case?: string
}

const MACHINE = [
  'pools',
  'load',
  'schedules',
  'letters',
  'bulks',
  'models',
  'budgets',
  'actors',
  'tree',
  'keys',
  'audit',
  'cache',
]

/** The address below `/ui/` of each view of the dashboard. */
export function viewsOf({ run, step, thread, goal, record, test, case: name = '' }: Shown): readonly string[] {
  const ofRun = ['', 'view=graph', 'view=source', 'view=outputs', 'view=events', 'view=files', 'view=compare']
  return [
    ...[
      '',
      'runs',
      'inbox',
      'threads',
      'agents',
      'agents?view=tests',
      'money',
      'money?by=model',
      'memory',
      'memory?view=changes',
    ],
    ...['workflow', 'pipeline', 'agent', 'text'].map((kind) => `start?kind=${kind}`),
    ...MACHINE.map((view) => `machine?view=${view}`),
    ...(run === undefined ? [] : ofRun.map((query) => `runs/${encodeURIComponent(run)}?${query}`)),
    ...(step === undefined ? [] : ['', '&view=compare'].map((view) => `runs/${run}?step=${step}${view}`)),
    ...(thread === undefined ? [] : [`threads/${encodeURIComponent(thread)}`]),
    ...(goal === undefined ? [] : [`goals/${encodeURIComponent(goal)}`]),
    ...(test === undefined ? [] : [`agents?view=tests&test=${test}&case=${encodeURIComponent(name)}`]),
    ...(record === undefined ? [] : [`memory/${record}`]),
  ]
}

/** Goes to a view as a link in the page does, and waits until it has what it shows. */
export async function openView(page: Page, address: string): Promise<void> {
  const target = JSON.stringify(address)
  await page.evaluate(`
    history.pushState(null, '', location.pathname.replace(/\\/ui\\/.*/, '/ui/') + ${target})
    dispatchEvent(new PopStateEvent('popstate'))
  `)
  await page.locator('main h1, main .empty').first().waitFor()
  await until(async () => (await page.locator('.loading').count()) === 0)
}
