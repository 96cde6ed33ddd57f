import type { ComponentChildren } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { RunDocument, RunSource, StepRow } from '../../src/client.ts'
import { GraphView } from '../graph/graph-view.tsx'
import { InboxCards } from '../inbox/cards.tsx'
import {
  asText,
  formatCount,
  formatMoment,
  formatMoney,
  formatSpan,
  inLocalTime,
  namedValues,
  now,
} from '../lib/format.ts'
import { type Loaded, useLoaded, useReadAgain } from '../lib/load.ts'
import { href, route } from '../lib/router.ts'
import { client, may } from '../lib/server.ts'
import { shownText } from '../lib/written.ts'
import { Action, Copy, CopyCommand, Empty, Failed, offer, Shown, Status, Text } from '../parts/basics.tsx'
import { Guard } from '../parts/guard.tsx'
import { WaysOn } from '../parts/run-rows.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { Broken } from '../run/broken.tsx'
import { Compare } from '../run/compare.tsx'
import { Drawer } from '../run/drawer.tsx'
import { Events, useRunEvents } from '../run/events.tsx'
import { Files } from '../run/files.tsx'
import { ForkDialog } from '../run/fork.tsx'
import { SourceView } from '../run/source-view.tsx'
import { withoutChance, workflowRows } from '../run/workflow-rows.ts'
import { TimelineView } from '../timeline/timeline-view.tsx'

const VIEWS = ['timeline', 'graph', 'source', 'outputs', 'events', 'files', 'compare'] as const
/** Names of views that differ from their word in the address. */
const labelsOf = ({ artifacts: { length } }: RunDocument) => ({
  ...Object.fromEntries(VIEWS.map((view) => [view, view])),
  outputs: 'inputs, outputs',
  ...(length > 0 && { files: `files ${length}` }),
})
/** Steps that are read at a time: the server reads the whole run for each page. */
const PAGE = 10_000

/** Steps of a run that are read again without an event; more of them would keep the server busy. */
const MAX_READ_AGAIN = 300

/** A run: what it does now, its steps on one timeline, and what it made. */
export function RunPage({ id }: { readonly id: string }) {
  const run = useLoaded(`run ${id}`, () => client.runs.get(id), [`run/${id}`])
  const isOpen = run.value?.completed_at === null
  const events = useRunEvents(id, isOpen || route.value.query.get('view') === 'events')
  const steps = useLoaded(`steps ${id}`, () => allSteps(id), [`run/${id}`])
  // an attempt gets its place in a pool without an event
  const rows = steps.value ?? []
  useReadAgain(steps, rows.length <= MAX_READ_AGAIN && rows.some(({ status }) => status === 'running'))
  const source = useLoaded(`source ${id}`, () => client.runs.source(id), isOpen ? [`run/${id}`] : [])
  if (run.value === undefined && run.failure?.code === 'not_found') return <Unknown id={id} />
  return (
    <Shown of={run}>{(found) => <Whole id={id} run={found} steps={steps} source={source} events={events} />}</Shown>
  )
}

function Unknown({ id }: { readonly id: string }) {
  return <Empty title={`There is no run ${id}.`} way={[href(['runs']), 'All runs']} />
}

/** The steps as the document has them, until their rows are read: it does not say when each was ready. */
const rowsOf = ({ steps }: RunDocument): readonly StepRow[] =>
  Object.values(steps).map((step) => ({ ...step, ready_at: step.started_at, attempts: [] }))

async function allSteps(id: string): Promise<readonly StepRow[]> {
  const rows: StepRow[] = []
  for (;;) {
    const after = rows.at(-1)?.id
    const page = await client.runs.steps(id, { limit: PAGE, ...(after !== undefined && { after }) })
    rows.push(...page)
    if (page.length < PAGE) return rows
  }
}

type WholeProps = {
  readonly id: string
  readonly run: RunDocument
  readonly steps: ReturnType<typeof useLoaded<readonly StepRow[]>>
  readonly source: Loaded<RunSource>
  readonly events: ReturnType<typeof useRunEvents>
}

function Whole({ id, run, steps, source, events }: WholeProps) {
  const { query } = route.value
  const view = VIEWS.find((one) => one === query.get('view')) ?? 'timeline'
  const [forkAt, setForkAt] = useState<{ readonly step: string; readonly isPrompt?: boolean } | undefined>()
  const step = query.get('step')
  const hasDrawer = step && view !== 'compare'
  const written = step ? events.texts.value.get(step) : undefined
  const rows = useMemo(() => workflowRows(steps.value ?? rowsOf(run), source.value), [steps.value, run, source.value])
  // a workflow does not say which of its steps has thrown what ended it
  const failed = run.failed_step ?? rows.findLast(({ error }) => error !== null && error === run.error)?.id
  const drawn = useMemo(
    () => (source.value?.language === 'workflow' ? withoutChance(rows) : rows),
    [rows, source.value?.language],
  )
  const ids = useMemo(() => new Set(rows.map((row) => row.id)), [rows])
  return (
    <>
      <Head id={id} run={run} fork={() => setForkAt({ step: '' })} />
      {run.completed_at === null && <Waits id={id} started={Date.parse(run.started_at)} />}
      {run.error !== null && <Broken run={run} step={failed} />}
      <Tabs views={labelsOf(run)} chosen={view} />
      <div class={hasDrawer ? 'with-drawer' : ''}>
        <Guard key={view} class="view">
          {view === 'timeline' && (
            <>
              {steps.failure && <Failed failure={steps.failure} retry={steps.reload} />}
              <TimelineView run={run} steps={rows} chosen={step ?? undefined} failed={failed} />
            </>
          )}
          {view === 'graph' && <GraphView steps={drawn} chosen={step ?? undefined} />}
          {view === 'source' && (
            <Shown of={source}>{(found) => <SourceView source={found} chosen={step ?? undefined} ids={ids} />}</Shown>
          )}
          {view === 'outputs' && <Values run={run} source={source} />}
          {view === 'events' && <Events events={events.durable.value} />}
          {view === 'files' && <Files id={id} run={run} />}
          {view === 'compare' && (
            <Compare id={id} run={run} other={query.get('with') ?? undefined} step={step ?? undefined} />
          )}
        </Guard>
        {hasDrawer && (
          <Guard key={step}>
            <Drawer
              run={id}
              step={step}
              live={written && shownText(written)}
              hasText={source.value?.language === 'pipeline'}
              fork={(isPrompt) => setForkAt({ step, isPrompt })}
            />
          </Guard>
        )}
      </div>
      {forkAt !== undefined && (
        <ForkDialog
          run={id}
          name={run.name}
          at={forkAt.step}
          steps={ids}
          isPrompt={forkAt.isPrompt === true}
          source={source.value}
          close={() => setForkAt(undefined)}
        />
      )}
    </>
  )
}

function Head({ id, run, fork }: { readonly id: string; readonly run: RunDocument; fork(): void }) {
  const { usage, counts } = run
  const started = Date.parse(run.started_at)
  const isOpen = run.completed_at === null
  const ms = run.duration === null ? now.value - started : run.duration * 1000
  return (
    <header class="run-head">
      <p class="crumbs">
        <a href={href(['runs'])}>Runs</a> / <a href={href(['runs'], { name: run.name })}>{run.name}</a>
      </p>
      <h1>
        {run.name} <Status of={run.status} />
      </h1>
      <dl class="facts">
        <Fact name="Id">
          <code>{id}</code> <Copy text={id} label="Copy" />
        </Fact>
        <Fact name="Started">{formatMoment(started)}</Fact>
        <Fact name={isOpen ? 'For' : 'Took'}>{formatSpan(ms)}</Fact>
        <Fact name="Steps">
          {counts.done} done{counts.failed > 0 && `, ${counts.failed} failed`}
          {counts.skipped > 0 && `, ${counts.skipped} skipped`}
        </Fact>
        {usage && <Fact name="Tokens">{`${formatCount(usage.input)} in, ${formatCount(usage.output)} out`}</Fact>}
        {usage?.cost !== undefined && <Fact name="Cost">{formatMoney(usage.cost)}</Fact>}
      </dl>
      <div class="buttons">
        {may('run') && (
          <button type="button" onClick={fork}>
            Run again …
          </button>
        )}
        {isOpen && may('run') && <Action label="Resume" does={() => client.runs.resume(id)} />}
        {isOpen && may('run') && (
          <Action label="Cancel" kind="danger" does={() => client.runs.cancel(id, 'cancelled on the dashboard')} />
        )}
        <span class="copies">
          <Action kind="plain" label="Save as a file" does={() => savePage(id)} />
          <CopyCommand words={['show', id]} label="Copy show command" />
          {isOpen && <CopyCommand words={['cancel', id]} label="Copy cancel command" />}
          {isOpen && <CopyCommand words={['resume', id]} label="Copy resume command" />}
        </span>
      </div>
    </header>
  )
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

/** Why the run has not ended; what it asks a person stands here with its form. */
function Waits({ id, started }: { readonly id: string; readonly started: number }) {
  const topics = [`run/${id}`, 'inbox']
  const items = useLoaded(`waits ${id}`, () => client.inbox.list({ run: id, content: 'whole' }), topics)
  const row = useLoaded(
    `stands ${id}`,
    async () => {
      const found = await client.runs.list({ text: id, since: started, until: started, details: true })
      // its child runs may have begun in the same moment
      return found.find((one) => one.id === id) ?? null
    },
    topics,
  )
  const stands = row.value?.details?.stands
  return (
    <>
      {stands && (
        <p class={stands.person ? 'note person' : 'note'} role="status">
          <strong>
            {stands.hint
              ? 'Waits for code'
              : stands.person
                ? 'Waits for a person'
                : stands.interrupted
                  ? 'Interrupted'
                  : 'Now'}
          </strong>{' '}
          {inLocalTime(stands.says)}
          {stands.since !== undefined && (
            <span class="quiet">, for {formatSpan(Math.max(1000, now.value - stands.since))}</span>
          )}{' '}
          <CopyCommand words={['why', id]} label="Copy why command" />{' '}
          {stands.interrupted && may('run') && (
            <Action kind="primary" label="Resume now" does={() => client.runs.resume(id)} />
          )}
        </p>
      )}
      {stands?.hint && <WaysOn of={stands.hint} />}
      <InboxCards items={items.value ?? []} done={items.reload} />
    </>
  )
}

/** What the run was given, and what it gave. */
function Values({ run, source }: { readonly run: RunDocument; readonly source: Loaded<RunSource> }) {
  const outputs = Object.entries(run.outputs)
  return (
    <>
      <section>
        <h2>Inputs</h2>
        <Shown of={source} lines={2}>
          {({ inputs }) => {
            const given = namedValues(inputs)
            return given.length === 0 ? <Empty title="This run was given no inputs." /> : <ValueList values={given} />
          }}
        </Shown>
      </section>
      <section>
        <h2>Outputs</h2>
        {outputs.length > 0 ? (
          <ValueList values={outputs} />
        ) : (
          <Empty title={run.completed_at === null ? 'No outputs yet.' : 'This run has no outputs.'} />
        )}
      </section>
    </>
  )
}

function ValueList({ values }: { readonly values: readonly (readonly [string, unknown])[] }) {
  return (
    <>
      {values.map(([name, value]) => (
        <div key={name}>
          <h3>{name}</h3>
          <Text of={asText(value)} name={name} />
        </div>
      ))}
    </>
  )
}

/** The whole run as one HTML file, for a ticket. */
async function savePage(id: string): Promise<void> {
  offer(new Blob([await client.runs.page(id)], { type: 'text/html' }), `${id}.html`)
}
