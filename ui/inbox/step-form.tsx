import { useId } from 'preact/hooks'
import type { StepItem } from '../../src/client.ts'
import { answerWords, sampleAnswer } from '../lib/commands.ts'
import { asText, typedAnswer } from '../lib/format.ts'
import { useKept } from '../lib/kept.ts'
import { client } from '../lib/server.ts'
import { Action, Actions, Command, Text } from '../parts/basics.tsx'
import { type Field, fieldsFor, inputOf } from '../start/fields.ts'
import { FieldView } from '../start/schema-form.tsx'
import { Buttons, Money } from './buttons.tsx'
import { keyOf } from './waiting.ts'

/** The form that answers a step: an approval, a choice, a text, an unknown outcome, or more money. */
export function StepForm({ item, done }: { readonly item: StepItem; done(): void }) {
  const { run, step, signal, expects } = item
  const send = (value: unknown) => client.runs.signal(run, signal, value as never).then(done)
  switch (expects.type) {
    case 'approval':
      return <Approval item={item} send={send} />
    case 'settlement':
      return (
        <>
          <p class="quiet small">
            Look where the call would have left its mark. If it took place, it is not made again. If it did not, it is
            made now, under its key.
          </p>
          <Buttons
            choices={['done', 'not-done', 'fail'] as const}
            labels={OUTCOMES}
            send={(outcome) => client.runs.settle(run, step, { outcome }).then(done)}
            words={(outcome) => answerWords(item, outcome)}
            done={() => {}}
          />
        </>
      )
    case 'money':
      return <Money scope={signal.replace(/^budget:/, '')} done={done} />
    case 'nothing':
      return <p class="quiet">It continues by itself.</p>
    case 'choice':
      return <Choices item={item} send={send} values={expects.choices ?? []} />
    case 'boolean':
      return <Choices item={item} send={send} values={[true, false]} />
    default:
      return <Words item={item} send={send} />
  }
}

type SendProps = { readonly item: StepItem; send(value: unknown): Promise<unknown> }

/** A change of the content: the texts of its fields, or all of it as JSON or as a text. */
type Change = { readonly texts: { readonly [name: string]: string }; readonly whole?: string }

function Approval({ item, send }: SendProps) {
  const [reason, setReason, clearReason] = useKept(`reason ${keyOf(item)}`, () => '')
  const [change, setChange, clearChange] = useKept<Change | undefined>(`changed ${keyOf(item)}`, () => undefined)
  const { digest, content, expects } = item
  const form = useId()
  const said = reason.trim() === '' ? {} : { reason: reason.trim() }
  const approved = { action: 'approve', ...said, ...(digest !== undefined && { digest }) }
  const isModifiable = content !== undefined && (expects.choices ?? []).includes('modify')
  const lacksReason = expects.reason === true && reason.trim() === ''
  const isText = typeof content === 'string'
  const fields = fieldsFor(content)
  const read = inputOf(fields ?? [], change?.texts ?? {})
  const begin = () => setChange({ texts: {}, ...(!fields && { whole: asText(content) }) })
  const answer = async (value: unknown) => {
    await send(value)
    clearReason()
    clearChange()
  }
  const modify = async ({ whole }: Change) => {
    const [wrong] = whole === undefined ? Object.entries(read.wrong) : []
    if (wrong) throw new Error(`${wrong[0]}: ${wrong[1]}`)
    const changed = whole === undefined ? read.input : isText ? whole : typedAnswer('any', whole)
    await answer({ action: 'modify', ...said, content: changed })
  }
  const plain = Object.keys(approved).length === 1 ? 'approve' : approved
  /** The change as JSON, as far as what is typed is JSON. */
  const changeIn = ({ whole }: Change) => {
    const changed = whole === undefined || isText ? JSON.stringify(whole ?? read.input) : whole
    return `${JSON.stringify({ action: 'modify', ...said }).slice(0, -1)},"content":${changed}}`
  }
  return (
    <>
      {change && (
        <ChangeForm
          fields={fields ?? []}
          change={change}
          wrong={read.wrong}
          set={setChange}
          asJson={() => setChange({ ...change, whole: asText({ ...(content as object), ...read.input }) })}
        />
      )}
      <label class="field">
        Reason{expects.reason ? ': this question needs one' : ' (optional)'}
        <input
          value={reason}
          aria-describedby={`${form}reader`}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </label>
      <p id={`${form}reader`} class="quiet small">
        {item.agent === undefined
          ? 'It stays with the run, whose later steps may read it.'
          : `If you reject it, the agent ${item.agent} reads the reason, and may tell it to the customer.`}
      </p>
      <Actions>
        {change ? (
          <Action kind="primary" label="Approve this change" disabled={lacksReason} does={() => modify(change)} />
        ) : (
          <Action kind="primary" label="Approve" disabled={lacksReason} does={() => answer(approved)} />
        )}
        <Action label="Reject" disabled={lacksReason} does={() => answer({ action: 'reject', ...said })} />
        {isModifiable && (
          <button type="button" onClick={() => (change ? setChange(undefined) : begin())}>
            {change ? 'Leave it as it was' : 'Change it'}
          </button>
        )}
      </Actions>
      <Command words={answerWords(item, change ? changeIn(change) : plain)} />
    </>
  )
}

type ChangeProps = {
  readonly fields: readonly Field[]
  readonly change: Change
  readonly wrong: { readonly [name: string]: string }
  set(change: Change): void
  asJson(): void
}

/** One field for each value, or one for all of them. */
function ChangeForm({ fields, change, wrong, set, asJson }: ChangeProps) {
  const { texts, whole } = change
  const form = useId()
  if (whole !== undefined)
    return (
      <label class="field">
        The content that you approve
        <textarea rows={8} value={whole} onInput={({ currentTarget }) => set({ texts, whole: currentTarget.value })} />
      </label>
    )
  return (
    <fieldset class="change">
      <legend class="quiet small">What you approve</legend>
      {fields.map((field) => (
        <FieldView
          key={field.name}
          form={form}
          field={field}
          text={texts[field.name] ?? field.given}
          problem={wrong[field.name]}
          change={(text) => set({ texts: { ...texts, [field.name]: text } })}
        />
      ))}
      <button type="button" class="plain small" onClick={asJson}>
        As JSON
      </button>
    </fieldset>
  )
}

function Choices({ item, send, values }: SendProps & { readonly values: readonly unknown[] }) {
  return (
    <>
      <Actions>
        {values.map((value) => (
          <Action
            key={asText(value)}
            label={value === true ? 'yes' : value === false ? 'no' : asText(value)}
            does={() => send(value)}
          />
        ))}
      </Actions>
      <Command words={answerWords(item, values[0])} />
    </>
  )
}

/** A text, a number, or for other questions JSON. */
function Words({ item, send }: SendProps) {
  const { type, default: given, questions } = item.expects
  const [text, setText, clear] = useKept(`answer ${keyOf(item)}`, () => (given === undefined ? '' : asText(given)))
  const isJson = type === 'any' || type === 'answers'
  return (
    <>
      {questions && <Text of={asText(questions)} name="The questions" />}
      {type === 'multiline' || isJson ? (
        <label class="field">
          {isJson ? 'Answer, as JSON' : 'Answer'}
          <textarea rows={5} value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
        </label>
      ) : (
        <label class="field">
          Answer
          <input
            value={text}
            inputMode={type === 'number' ? 'decimal' : 'text'}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
      )}
      <Actions>
        <Action kind="primary" label="Send" does={async () => send(typedAnswer(type, text)).then(clear)} />
      </Actions>
      <Command words={answerWords(item, text || sampleAnswer(item.expects))} />
    </>
  )
}

/** The outcomes of a call that was cut off, as a person says them. None is the one to expect. */
const OUTCOMES: { readonly [outcome: string]: string } = {
  done: 'It took place',
  'not-done': 'It did not: make it now',
  fail: 'Give up: the call fails',
}
