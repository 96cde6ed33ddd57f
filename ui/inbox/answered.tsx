import type { StepDetail } from '../../src/client.ts'
import { doorOf } from '../lib/format.ts'
import { href, route } from '../lib/router.ts'
import { client, may } from '../lib/server.ts'
import { useAllowed } from '../parts/allowed.tsx'
import { Shown } from '../parts/basics.tsx'
import { resultIn } from '../run/step-text.ts'
import { Content, Quote } from './card.tsx'

/** The answers of people to a step, with their doors and times. */
export const Answers = ({ of }: { readonly of: NonNullable<StepDetail['said']> }) => (
  <ul class="plain-list">
    {of.map(({ what, by, at, outcome }) => (
      <li key={at}>
        <b>{by.typed ?? by.name}</b> {what} {outcome}{' '}
        <span class="quiet">{`${new Date(at).toLocaleString()}, through ${doorOf(by)}`}</span>
      </li>
    ))}
  </ul>
)

/** What the address names and waits no more: who answered it, how and when. */
export function Answered() {
  const { query } = route.value
  const [run, step] = [query.get('run'), query.get('step')]
  const read = async () => (run && step && may('read') ? client.runs.step(run, step) : null)
  const found = useAllowed(`answered ${run} ${step}`, read, [`run/${run}`])
  return (
    <Shown of={found}>
      {(step) =>
        step === 'forbidden' || step.value === null ? <Over /> : <AnsweredStep step={step.value} run={run!} />
      }
    </Shown>
  )
}

/** Something else than a step, or a step that is gone. */
function Over() {
  const { query } = route.value
  const place = ['goal', 'thread', 'record'].find((name) => query.has(name))
  const pages: { readonly [place: string]: string } = { goal: 'goals', thread: 'threads', record: 'memory' }
  return (
    <p class="note">
      What the address names waits no more: it is answered, or it has ended.{' '}
      {place && may('read') && <a href={href([pages[place]!, query.get(place)!])}>How it went on</a>}
    </p>
  )
}

function AnsweredStep({ step, run }: { readonly step: StepDetail; readonly run: string }) {
  const { id, tool, action, status, said = [], rejection, changed_parameters, parameters } = step
  const content = changed_parameters ?? parameters
  const answer = said.at(-1)?.what === 'answered' ? resultIn(step.value) : null
  return (
    <article class="card item chosen spaced" aria-label="Answered">
      <header>
        <span class={`tag is-${status}`}>{said.length > 0 ? 'answered' : status}</span>
        <h3>{tool && tool !== action ? `The call of ${tool}` : id}</h3>
        <p class="quiet small">
          {said.length > 0 ? 'It waits no more.' : 'It waits no more, and nobody has answered it.'}{' '}
          <a href={href(['runs', run], { step: id })}>How it went on</a>
        </p>
      </header>
      <Answers of={said} />
      {rejection !== undefined && <Quote of={rejection} name="The reason" />}
      {answer !== null && <Content of={answer} name="The answer" />}
      {content !== undefined && <Content of={content} name="What it was about" />}
    </article>
  )
}
