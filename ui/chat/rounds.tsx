import { useState } from 'preact/hooks'
import { asText, counted, formatCount, formatMoney, inLocalTime } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Shown, Status, Text } from '../parts/basics.tsx'
import { AnswerText } from './answer-text.tsx'
import { FileChips } from './files.tsx'

export type GoalDocument = Awaited<ReturnType<typeof client.goals.get>>

/** How a goal was worked on. It is read when it is opened. */
export function GoalWork({ goal, topics }: { readonly goal: string; readonly topics: readonly string[] }) {
  const found = useLoaded(`goal ${goal}`, () => client.goals.get(goal), topics)
  return <Shown of={found}>{(document) => <Rounds goal={document} />}</Shown>
}

/** The rounds of a goal: what its model said, what it was told, and its calls with their outcomes. */
export function Rounds({ goal }: { readonly goal: GoalDocument }) {
  const { rounds, tokens, cost, limits, wait, playbook } = goal
  return (
    <div class="rounds">
      <p class="quiet small">
        <a href={href(['goals', goal.id])}>{goal.id}</a>
        {` · ${counted(rounds.length, 'round')} of ${limits.rounds} · ${formatCount(tokens)} tokens · ${formatMoney(cost)}`}
        {goal.estimated && ' (partly estimated)'}
      </p>
      {goal.system !== undefined && (
        <details>
          <summary>What the model gets in each round</summary>
          <Text of={goal.system} name="Instructions" />
          {goal.recalled !== undefined && <Text of={goal.recalled} name="From memory" />}
          <p class="quiet small">After it come the messages and the rounds so far: each round has its whole request.</p>
        </details>
      )}
      {playbook && <p class="note">{playbook.note}</p>}
      {wait && (
        <p class={beginsLater(goal) ? 'note' : 'note person'}>
          <strong>Waits</strong> {inLocalTime(wait.title)}
          {wait.behind && wait.behind.length > 0 && (
            <span class="quiet">{` Number ${wait.place ?? 1}, behind ${wait.behind.join(', ')}`}</span>
          )}
          {wait.hint && <span class="quiet"> {wait.hint}</span>}
        </p>
      )}
      <ol>
        {rounds.map(({ round, text, told = [], again = [], files, answerFiles, calls, run, model, tokens, cost }) => (
          <li key={round} class="round">
            <p class="quiet small">
              round {round}
              {model && ` · ${model}`}
              {tokens !== undefined && ` · ${formatCount(tokens)} tokens · ${formatMoney(cost)}`}
            </p>
            {told.map((one, index) => (
              <p key={index} class="told">
                <span class="quiet small">told</span> {one}
              </p>
            ))}
            {again.map(({ message }, index) => (
              <p key={index} class="note small">
                A model was asked again: {message}
              </p>
            ))}
            <FileChips files={files} owner={goal.owner} />
            {text && <AnswerText text={text} />}
            <FileChips files={answerFiles} owner={goal.owner} />
            {calls.map((call, index) => (
              <CallView key={index} call={call} run={run} isHeld={goal.status === 'waiting'} />
            ))}
            {goal.system !== undefined && <RequestPart goal={goal} round={round} />}
          </li>
        ))}
      </ol>
    </div>
  )
}

/** Whether a goal waits for its time, or until its key has room. */
export const beginsLater = ({ wait }: Pick<GoalDocument, 'wait'>): boolean =>
  wait?.type === 'start' || wait?.type === 'queue'

/** The request that the model got in a round. It is read when it is opened. */
function RequestPart({ goal, round }: { readonly goal: GoalDocument; readonly round: number }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>What the model got in round {round}</summary>
      {isOpen && <RequestView goal={goal} round={round} />}
    </details>
  )
}

function RequestView({ goal: { id, owner }, round }: { readonly goal: GoalDocument; readonly round: number }) {
  const found = useLoaded(`request ${id} ${round}`, () => client.goals.round(id, round), [])
  return (
    <Shown of={found}>
      {({ messages, tools, changed, cut, leftOut }) => (
        <>
          {changed.length === 0 && <p class="quiet small">As the model got it.</p>}
          {changed.map((line) => (
            <p key={line} class="note">
              {line}
            </p>
          ))}
          {cut && <p class="note">Long texts are cut, so that all of them have 256 KiB.</p>}
          {leftOut !== undefined && <p class="note">{leftOut} messages after the first ones are left out.</p>}
          <p class="quiet small">{tools.length === 0 ? 'No tools' : `Tools: ${tools.join(', ')}`}</p>
          {messages.map(({ role, text, characters, files }, index) => (
            <div key={index}>
              <p class="quiet small">
                {role}
                {characters !== undefined && ` · the beginning of ${formatCount(characters)} characters`}
              </p>
              <Text of={text} name={`Message ${index + 1}: ${role}`} />
              <FileChips files={files} owner={owner} />
            </div>
          ))}
        </>
      )}
    </Shown>
  )
}

const STATUS: { readonly [outcome: string]: string } = {
  succeeded: 'completed',
  made: 'completed',
  failed: 'failed',
  refused: 'failed',
  rejected: 'skipped',
  cancelled: 'cancelled',
  unknown: 'waiting',
  pending: 'waiting',
}

type CallProps = {
  readonly call: GoalDocument['rounds'][number]['calls'][number]
  readonly run: string | undefined
  /** the goal stands still, so an open call waits */
  readonly isHeld: boolean
}

function CallView({ call, run, isHeld }: CallProps) {
  const { tool, parameters, outcome, result, step, said = [], asked, truncated, files } = call
  return (
    <details class="call">
      <summary>
        <Status of={outcome === undefined ? (isHeld ? 'waiting' : 'running') : (STATUS[outcome] ?? 'queued')} quiet />{' '}
        <b>{tool}</b> <span class="quiet">{outcome ?? (isHeld ? 'waits' : 'under way')}</span>
        {said.map(({ what, by, at }) => (
          <span key={at} class="quiet">{` · ${what} by ${by.name}`}</span>
        ))}
      </summary>
      <Text of={asText(parameters)} name="Parameters" />
      {asked && <Text of={asText(asked)} name="Parameters that the model gave" />}
      {result !== undefined && <Text of={asText(result)} name="Result" />}
      {truncated && <p class="quiet small">Only the beginning of the result is kept with the goal.</p>}
      <FileChips files={files} />
      {run !== undefined && step !== undefined && (
        <p>
          <a href={href(['runs', run], { step })}>The step that made it</a>
        </p>
      )}
    </details>
  )
}
