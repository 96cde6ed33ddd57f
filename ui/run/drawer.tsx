import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { StepDetail } from '../../src/client.ts'
import { Answers } from '../inbox/answered.tsx'
import { asText, causesIn, formatBytes, formatCount, formatMoment, formatMoney, formatSpan } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { href, setStep, useEscape } from '../lib/router.ts'
import { client, may, mayUseCommands } from '../lib/server.ts'
import { CopyCommand, Shown, Status, Text } from '../parts/basics.tsx'
import { resultIn, waitText } from './step-text.ts'

type Props = {
  readonly run: string
  readonly step: string
  readonly live: string | undefined
  /** the run has a text in which another prompt can be written */
  readonly hasText: boolean
  fork(isPrompt: boolean): void
}

/** One step: what it was given, what it gave, its attempts, models and cost, and who answered for it. */
export function Drawer({ run, step, live, hasText, fork }: Props) {
  const detail = useLoaded(`step ${run} ${step}`, () => client.runs.step(run, step), [`run/${run}`])
  useEscape(() => setStep(''))
  const place = useRef<HTMLElement>(null)
  // a focus inside goes back to what opened the drawer
  useLayoutEffect(() => {
    const [drawer, opener] = [place.current!, document.activeElement as HTMLElement | null]
    return () => {
      if (drawer.contains(document.activeElement)) opener?.focus()
    }
  }, [])
  return (
    <aside ref={place} class="drawer" aria-label={`Step ${step}`}>
      <header>
        <h2>{step}</h2>
        <button type="button" class="plain close" aria-label="Close the step" onClick={() => setStep('')}>
          ✕
        </button>
      </header>
      <Shown of={detail}>
        {(found) => <Detail run={run} step={found} live={live} hasText={hasText} fork={fork} />}
      </Shown>
    </aside>
  )
}

function Detail({ run, step, live, hasText, fork }: Omit<Props, 'step'> & { readonly step: StepDetail }) {
  const {
    models = [],
    said = [],
    attempts = [],
    parameters,
    messages,
    reply,
    not_rendered,
    warnings = [],
    lacks = [],
  } = step
  const asks = /^(signal|budget):/.test(step.waits_for ?? '')
  return (
    <>
      <p class="facts-line">
        <Status of={step.status} />
        {step.duration !== null && <span>{formatSpan(step.duration * 1000)}</span>}
        {step.queued !== undefined && <span>{formatSpan(step.queued * 1000)} of it waiting for a place</span>}
        {step.retries > 0 && <span>{step.retries + 1} attempts</span>}
        {step.reused && <span>reused, at no cost</span>}
        <span class="quiet">{[...new Set([step.tool, step.action])].filter(Boolean).join(' ')}</span>
      </p>
      {step.error !== null && (
        <div class="note bad">
          <p>{step.error}</p>
          {causesIn(step.error_stack).map((cause) => (
            <p class="quiet">{cause}</p>
          ))}
          {step.error_hint && <p class="quiet">{step.error_hint}</p>}
          {step.error_code && <code>{step.error_code}</code>}
        </div>
      )}
      {step.waits_for && (
        <p class="note person">
          It waits for {waitText(step)}. {asks && <a href={href(['inbox'], { run, step: step.id })}>Answer it</a>}{' '}
          {mayUseCommands() && step.to_go_on && <code>{step.to_go_on}</code>}
        </p>
      )}
      {step.skip_reason && (
        <p class="note">
          Skipped: {step.skip_reason.replaceAll('_', ' ')}
          {step.skipped_by && ` (by ${step.skipped_by})`}
        </p>
      )}
      {[...warnings, ...lacks].map((line) => (
        <p key={line} class="note">
          {line}
        </p>
      ))}
      <p class="buttons">
        {may('run') && (
          <button type="button" class="primary" onClick={() => fork(false)}>
            Again from here …
          </button>
        )}
        {messages && hasText && may('run') && (
          <button type="button" onClick={() => fork(true)}>
            Another prompt …
          </button>
        )}
        <CopyCommand words={['show', run, step.id]} label="Copy show command" />
      </p>
      {live !== undefined && step.status === 'running' && (
        <Part title="Writes now">
          <Text of={live} name="The text so far" />
        </Part>
      )}
      {parameters !== undefined && (
        <Part title="Parameters">
          <Text of={asText(parameters)} name="Parameters" />
        </Part>
      )}
      {messages && (
        <Part title="Prompt">
          {messages.map(({ role, text }, index) => (
            <div key={index}>
              <p class="quiet small">{role}</p>
              <Text of={text} name={`Message of ${role}`} />
            </div>
          ))}
          <Rendering changed={step.changed} files={step.given_files} />
        </Part>
      )}
      {not_rendered && <p class="quiet small">{not_rendered}</p>}
      {reply !== undefined && (
        <Part title="Reply">
          <Text of={reply} name="Reply" />
        </Part>
      )}
      {resultIn(step.value) !== null && reply === undefined && (
        <Part title="Result">
          <Text of={asText(resultIn(step.value))} name="Result" />
        </Part>
      )}
      {models.length > 0 && (
        <Part title="Models">
          <table>
            <thead>
              <tr>
                <th>Model</th>
                <th class="num">In</th>
                <th class="num">Out</th>
                <th class="num">Cost</th>
              </tr>
            </thead>
            <tbody>
              {models.map((use, index) => (
                <tr key={index}>
                  <td>
                    {use.model}
                    <span class="quiet small">
                      {' '}
                      {[use.why, use.cached && 'from the cache', use.failed].filter(Boolean).join(' · ')}
                    </span>
                  </td>
                  <td class="num">{formatCount(use.input)}</td>
                  <td class="num">{formatCount(use.output)}</td>
                  <td class="num">{formatMoney(use.cost)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Part>
      )}
      {attempts.length > 1 && (
        <Part title="Attempts">
          <Attempts of={attempts} />
        </Part>
      )}
      {said.length > 0 && (
        <Part title="Answered by">
          <Answers of={said} />
        </Part>
      )}
      {step.dependencies.length > 0 && (
        <Part title="After">
          <p class="chips">
            {step.dependencies.map((id) => (
              <button key={id} type="button" class="chip" onClick={() => setStep(id)}>
                {id}
              </button>
            ))}
          </p>
        </Part>
      )}
    </>
  )
}

/** How far the prompt that is shown is the one that the model got. */
function Rendering({ changed, files = [] }: { changed: StepDetail['changed']; files?: StepDetail['given_files'] }) {
  return (
    <>
      {files.map(({ name, type, bytes }) => (
        <p key={name} class="quiet small">
          With the file {name}, {type}, {formatBytes(bytes)}
        </p>
      ))}
      {changed?.map((line) => (
        <p key={line} class="note">
          Rendered now. {line}
        </p>
      ))}
      {changed === undefined && (
        <p class="quiet small">Rendered now, from the records of the run, with files as they are today.</p>
      )}
      {changed?.length === 0 && <p class="quiet small">As the model got it.</p>}
    </>
  )
}

function Attempts({ of }: { readonly of: NonNullable<StepDetail['attempts']> }) {
  return (
    <table>
      <thead>
        <tr>
          <th class="num">No.</th>
          <th>Began</th>
          <th class="num">Took</th>
          <th>Problem</th>
        </tr>
      </thead>
      <tbody>
        {of.map(({ attempt, started_at, ms, code, message }, index) => (
          <tr key={index}>
            <td class="num">{attempt}</td>
            <td class="moment">{started_at === null ? 'not known' : formatMoment(Date.parse(started_at))}</td>
            <td class="num">{ms === null ? '' : formatSpan(ms)}</td>
            <td>
              {code && <code>{code}</code>} {message}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const Part = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <section>
    <h3>{title}</h3>
    {children}
  </section>
)
