import { useState } from 'preact/hooks'
import { knownAgents } from '../agents/known-agents.ts'
import { inputWords, textCommand } from '../lib/commands.ts'
import { dropDraft, useKept } from '../lib/kept.ts'
import { useLoaded } from '../lib/load.ts'
import { go, href, route, setQuery } from '../lib/router.ts'
import { client, isMounted, mayUseCommands } from '../lib/server.ts'
import { ShownIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Action, Actions, Empty, Shown } from '../parts/basics.tsx'
import { Chip } from '../parts/filters.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { inputsIn, NOT_INPUTS } from './fields.ts'
import { kindsOfCaller } from './kinds.ts'
import { SAMPLES } from './samples.ts'
import { SchemaForm } from './schema-form.tsx'

/** Starts something: a workflow, an uploaded pipeline, a conversation with an agent, or a text. */
export function Start() {
  const { query } = route.value
  const given = query.get('kind') ?? ''
  const kinds = kindsOfCaller()
  const kind = Object.hasOwn(kinds, given) ? given : Object.keys(kinds)[0]
  const name = query.get('name') ?? undefined
  if (kind === undefined)
    return (
      <>
        <h1>Start</h1>
        <Empty title="You may read this, but not start anything." />
      </>
    )
  return (
    <>
      <h1>Start</h1>
      <Tabs name="kind" views={kinds} chosen={kind} clears={['name']} />
      {kind === 'workflow' && <Workflows name={name} />}
      {kind === 'pipeline' && <Pipelines name={name} />}
      {kind === 'agent' && <AgentStart name={name} />}
      {kind === 'text' && <TextStart />}
    </>
  )
}

type ChoiceProps = {
  readonly names: readonly { readonly name: string; readonly description?: string | undefined }[]
  readonly chosen: string | undefined
  onChoose?(): void
}

/** Names to choose from; the chosen one is in the address. */
function Choice({ names, chosen, onChoose }: ChoiceProps) {
  return (
    <ul class="chips choices">
      {names.map(({ name, description }) => (
        <li key={name}>
          <Chip
            title={description}
            isOn={name === chosen}
            press={() => {
              setQuery({ name })
              onChoose?.()
            }}
          >
            {name}
          </Chip>
        </li>
      ))}
    </ul>
  )
}

const started = ({ id }: { readonly id: string }) => go(href(['runs', id]))

/** An address may name what is not there any more. */
const NotThere = ({ kind, name }: { readonly kind: string; readonly name: string }) => (
  <Empty title={`There is no ${kind} ${name}.`} way={[href(['start'], { kind }), `All ${kind}s`]} />
)

function Workflows({ name }: { readonly name: string | undefined }) {
  const workflows = useAllowed('workflows', () => client.workflows.list())
  return (
    <ShownIfAllowed of={workflows}>
      {(found) => {
        const chosen = name === undefined ? found[0] : found.find((one) => one.name === name)
        if (!chosen && name !== undefined) return <NotThere kind="workflow" name={name} />
        if (!chosen)
          return (
            <Empty title="The process of this folder has no workflows.">
              A program brings them: start(&#123; workflows: [ … ] &#125;). To try something now,{' '}
              <a href={href(['start'], { kind: 'text' })}>start a text</a>.
            </Empty>
          )
        return (
          <>
            <Choice names={found} chosen={chosen.name} />
            <section class="card">
              <h2>{chosen.name}</h2>
              {chosen.description && <p class="quiet">{chosen.description}</p>}
              <SchemaForm
                key={chosen.name}
                of={chosen.name}
                schema={chosen.input}
                label="Start it"
                words={(input) => ['run', chosen.name, ...inputWords(input)]}
                send={(input) => client.runs.start({ workflow: chosen.name, input: input as never }).then(started)}
              />
            </section>
          </>
        )
      }}
    </ShownIfAllowed>
  )
}

function Pipelines({ name }: { readonly name: string | undefined }) {
  const pipelines = useAllowed('pipelines', () => client.pipelines.list({ limit: 200 }))
  return (
    <ShownIfAllowed of={pipelines}>
      {(found) => {
        const chosen = name === undefined ? found[0] : found.find((one) => one.name === name)
        if (!chosen && name !== undefined) return <NotThere kind="pipeline" name={name} />
        if (!chosen)
          return (
            <Empty title="No pipeline is uploaded.">
              <a href={href(['start'], { kind: 'text' })}>Start a text here</a>
              {mayUseCommands() && (
                <>
                  , or a file with <code>antiphon run FILE</code>
                </>
              )}
            </Empty>
          )
        return (
          <>
            <Choice names={found} chosen={chosen.name} />
            <PipelineForm key={chosen.name} pipeline={chosen.name} />
          </>
        )
      }}
    </ShownIfAllowed>
  )
}

function PipelineForm({ pipeline }: { readonly pipeline: string }) {
  const verdict = useLoaded(`inputs ${pipeline}`, () => client.pipelines.validate({ pipeline }))
  return (
    <section class="card">
      <h2>{pipeline}</h2>
      <Shown of={verdict}>
        {({ inputs }) => (
          <SchemaForm
            of={pipeline}
            schema={inputs}
            label="Start it"
            words={(input) => ['run', pipeline, ...inputWords(input)]}
            send={(input) => client.runs.start({ pipeline, inputs: input as never }).then(started)}
          />
        )}
      </Shown>
    </section>
  )
}

/** A conversation with an agent begins with its first message. */
function AgentStart({ name }: { readonly name: string | undefined }) {
  const agents = useLoaded('agents', knownAgents)
  const [typed, setTyped] = useState<string | undefined>()
  return (
    <Shown of={agents}>
      {(found) => {
        const agent = typed ?? name ?? found[0]?.name ?? ''
        return (
          <>
            {found.length > 0 && <Choice names={found} chosen={agent} onChoose={() => setTyped(undefined)} />}
            <section class="card">
              <label class="field">
                Agent
                <input value={agent} onInput={({ currentTarget }) => setTyped(currentTarget.value)} />
              </label>
              {!isMounted() && (
                <p class="quiet small">An agent of the program, one that was put, or the name of a file of agents.</p>
              )}
              <Actions>
                <Action
                  kind="primary"
                  label="Begin a conversation"
                  disabled={agent.trim() === ''}
                  does={async () => go(href(['threads', newName()], { agent: agent.trim() }))}
                  copies={['chat', agent.trim() || 'AGENT']}
                />
              </Actions>
            </section>
          </>
        )
      }}
    </Shown>
  )
}

const newName = () => `chat_${crypto.randomUUID().slice(0, 13)}`

const SAMPLE = `name: hello
steps:
  - id: say
    tool: debug
    parameters: { message: hello }
`

/** A pipeline as text. Findings of the compiler come back with their lines. */
function TextStart() {
  const [text, setText] = useKept('start text', () => SAMPLE)
  const [own, setOwn] = useKept('start own', () => '')
  const [inputs, setInputs] = useKept('start inputs', () => '')
  const given = inputsIn(inputs)
  const takesInputs = /^["']?inputs["']? *:/m.test(text)
  const start = async () => {
    if (takesInputs && given === undefined) throw new Error(NOT_INPUTS)
    const { id } = await client.runs.start({ source: { text }, ...(takesInputs && { inputs: given as never }) })
    for (const key of ['start text', 'start own', 'start inputs']) dropDraft(key)
    started({ id })
  }
  return (
    <section class="card">
      <p class="chips">
        {SAMPLES.map((sample) => (
          <Chip key={sample.title} title={sample.about} isOn={text === sample.text} press={() => setText(sample.text)}>
            {sample.title}
          </Chip>
        ))}
        {own !== '' && (
          <Chip isOn={text === own} press={() => setText(own)}>
            What you wrote
          </Chip>
        )}
      </p>
      <label class="field">
        The text of a pipeline, in YAML
        <textarea
          class="code"
          rows={16}
          value={text}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value)
            setOwn(currentTarget.value)
          }}
        />
      </label>
      {takesInputs && (
        <label class="field">
          Inputs, as JSON (optional)
          <textarea
            rows={3}
            value={inputs}
            placeholder={'{"city": "Kiel"}'}
            onInput={({ currentTarget }) => setInputs(currentTarget.value)}
          />
        </label>
      )}
      <Actions>
        <Action kind="primary" label="Start it" does={start} copies={textCommand(text, takesInputs ? given : {})} />
      </Actions>
    </section>
  )
}
