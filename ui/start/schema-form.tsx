import { useEffect, useRef, useState } from 'preact/hooks'
import { dropDraft, useKept } from '../lib/kept.ts'
import { type Failure, failureOf, useFailure } from '../lib/load.ts'
import { Command, Failed } from '../parts/basics.tsx'
import { type Field, fieldAt, fieldsOf, holdsSecret, type Input, inputOf } from './fields.ts'

type Props = {
  /** what is started: its form is filled in once, wherever it is shown */
  readonly of: string
  readonly schema: unknown
  readonly label: string
  /** the command that does the same */
  words(input: Input): readonly string[]
  send(input: Input): Promise<unknown>
}

/** A form made from the schema of an input. A refusal stands at its field, and what is typed stays. */
export function SchemaForm({ of, schema, label, words, send }: Props) {
  const whole = { name: '', type: 'json' as const, isRequired: true, isSecret: holdsSecret(schema), given: '{}' }
  const fields = fieldsOf(schema) ?? [whole]
  const [texts, setTexts] = useKept<Texts>(`input ${of}`, () => ({}), { lasting: (all) => withoutSecrets(fields, all) })
  const [wrong, setWrong] = useState<{ readonly [name: string]: string }>({})
  const [failure, setFailure] = useFailure()
  const [isSending, setSending] = useState(false)
  const read = inputOf(fields, texts)
  const inputIn = (input: Input) => (fieldsOf(schema) ? input : ((input[''] ?? {}) as Input))
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus(), [wrong])
  const submit = async (event: Event) => {
    event.preventDefault()
    setFailure(undefined)
    setWrong(read.wrong)
    if (Object.keys(read.wrong).length > 0) return
    setSending(true)
    try {
      await send(inputIn(read.input))
      setTexts(withoutSecrets(fields, texts))
      dropDraft(`input ${of}`)
    } catch (error) {
      const { field, ...failure } = faultOf(error, fields)
      if (field === undefined) setFailure(failure)
      else setWrong({ [field]: failure.message })
    } finally {
      setSending(false)
    }
  }
  return (
    <form ref={form} class="schema-form" onSubmit={submit} noValidate>
      {fields.map((field) => (
        <FieldView
          key={field.name}
          field={field}
          text={texts[field.name] ?? field.given}
          problem={wrong[field.name]}
          change={(text) => setTexts({ ...texts, [field.name]: text })}
        />
      ))}
      {fields.length === 0 && <p class="quiet">It takes no input.</p>}
      {failure && <Failed failure={failure} />}
      <p class="buttons">
        <button type="submit" class="primary" disabled={isSending}>
          {isSending ? 'Working …' : label}
        </button>
      </p>
      <Command words={words(inputIn(inputOf(fields, withoutSecrets(fields, texts)).input))} />
    </form>
  )
}

type Texts = { readonly [name: string]: string }

const withoutSecrets = (fields: readonly Field[], texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).filter(([name]) => !fields.find((one) => one.name === name)?.isSecret))

/** What the server said, and the field that it named. */
function faultOf(error: unknown, fields: readonly Field[]): Failure & { readonly field: string | undefined } {
  const { path } = (error as { readonly place?: { readonly path?: string } }).place ?? {}
  return { ...failureOf(error), field: fieldAt(path ?? '', fields) }
}

type FieldProps = {
  /** what sets its id apart, where a page has several forms */
  readonly form?: string
  readonly field: Field
  readonly text: string
  readonly problem: string | undefined
  change(text: string): void
}

export function FieldView({ form = '', field, text, problem, change }: FieldProps) {
  const { name, about, isRequired, isSecret, type } = field
  const id = `field-${form}${name}`
  const shared = { id, 'aria-invalid': problem !== undefined, 'aria-describedby': `${id}-about`, value: text }
  const onInput = ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
    change(currentTarget.value)
  return (
    <div class="field">
      <label for={id}>
        {name || 'Input, as JSON'} {isRequired || name === '' ? '' : <span class="quiet">(optional)</span>}
      </label>
      {type === 'choice' || type === 'boolean' ? (
        <select {...shared} onChange={onInput}>
          {(!isRequired || text === '') && <option value="" />}
          {(type === 'choice' ? field.choices : ['true', 'false']).map((choice) => (
            <option key={choice} value={choice}>
              {type === 'choice' ? choice : choice === 'true' ? 'yes' : 'no'}
            </option>
          ))}
        </select>
      ) : type === 'long' || type === 'json' ? (
        <textarea {...shared} rows={type === 'json' ? 3 : 6} onInput={onInput} />
      ) : isSecret ? (
        <input {...shared} type="password" autocomplete="off" onInput={onInput} />
      ) : (
        <input {...shared} inputMode={type === 'text' ? 'text' : 'decimal'} onInput={onInput} />
      )}
      <span id={`${id}-about`} class="small">
        {problem ? (
          <span class="problem" role="alert">
            {problem}
          </span>
        ) : (
          <span class="quiet">{about}</span>
        )}
      </span>
    </div>
  )
}
