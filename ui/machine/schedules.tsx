import type { ComponentChildren } from 'preact'
import { formatMoment, formatSpan } from '../lib/format.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { ListIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Action, Actions, Command, Empty } from '../parts/basics.tsx'

type Schedule = Awaited<ReturnType<typeof client.schedules.list>>[number]

/** Schedules: when each is due, what it decided last, and buttons that pause it or start it now. */
export function Schedules() {
  const schedules = useAllowed('schedules', () => client.schedules.list(), ['runs', 'threads'])
  return (
    <ListIfAllowed
      of={schedules}
      kind="cards"
      empty={
        <Empty title="Nothing starts by the clock.">
          Make a schedule: <code>antiphon schedule add report report.yaml --cron "0 8 * * 1-5"</code>
        </Empty>
      }
    >
      {(schedule) => (
        <li key={`${schedule.owner} ${schedule.name}`} class="card">
          <ScheduleCard schedule={schedule} changed={schedules.reload} />
        </li>
      )}
    </ListIfAllowed>
  )
}

function ScheduleCard({ schedule, changed }: { readonly schedule: Schedule; changed(): void }) {
  const { name, owner, status, cron, every, zone, next, waiting, decisions } = schedule
  const [newest] = decisions
  const act = (does: (name: string) => Promise<unknown>) => async () => {
    await does(name)
    changed()
  }
  return (
    <>
      <h2>{name}</h2>
      <p class="facts-line small">
        <span class={status === 'active' ? '' : 'tag person'}>{status}</span>
        <code>{cron ?? `every ${typeof every === 'number' ? formatSpan(every * 1000) : every}`}</code>
        {zone && <span>{zone}</span>}
        {owner !== 'local' && <span>{owner}</span>}
      </p>
      <p>
        Starts <b>{workOf(schedule)}</b>
        {next[0] !== undefined && <> at {formatMoment(next[0])}</>}
      </p>
      {waiting.length > 0 && <p class="note">{waiting.length} due, behind open work</p>}
      {newest && (
        <p class="quiet small">
          Last: <Decision of={newest} page={schedule.agent === undefined ? 'runs' : 'goals'} />
        </p>
      )}
      <Actions>
        <Action label="Start it now" does={act(client.schedules.run)} copies={['schedule', 'run', name]} />
        {status === 'active' && (
          <Action label="Pause" does={act(client.schedules.pause)} copies={['schedule', 'pause', name]} />
        )}
        {status === 'paused' && (
          <Action label="Continue" does={act(client.schedules.resume)} copies={['schedule', 'resume', name]} />
        )}
      </Actions>
      <Command words={['schedule', 'show', name]} />
    </>
  )
}

const workOf = ({ workflow, agent, pipeline, file }: Schedule): string =>
  workflow ?? (agent === undefined ? (pipeline ?? file ?? 'its work') : `a goal of ${agent}`)

type DecisionParts = { readonly of: Schedule['decisions'][number]; readonly page: 'runs' | 'goals' }

function Decision({ of, page }: DecisionParts): ComponentChildren {
  const at = formatMoment(of.at)
  switch (of.type) {
    case 'started':
      return (
        <>
          started <a href={href([page, of.id])}>{of.id}</a> at {at}
        </>
      )
    case 'skipped':
      return `skipped at ${at}: ${of.why}`
    case 'failed':
      return (
        <span class="problem">
          failed at {at}: {of.problem.message}
        </span>
      )
    default:
      return `missed ${of.from === of.to ? 'at' : 'since'} ${formatMoment(of.from)}`
  }
}
