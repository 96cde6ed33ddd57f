import { useEffect, useRef, useState } from 'preact/hooks'
import type { RunSource } from '../../src/client.ts'
import { inputWords } from '../lib/commands.ts'
import { asText } from '../lib/format.ts'
import { useKept } from '../lib/kept.ts'
import { failureOf, useFailure } from '../lib/load.ts'
import { go, href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Command, Failed } from '../parts/basics.tsx'
import { inputsIn, NOT_INPUTS } from '../start/fields.ts'
import { promptIn } from './prompt-in.ts'
import { linesOf } from './step-text.ts'

type Props = {
  readonly run: string
  readonly name: string
  readonly at: string
  /** the steps of the run */
  readonly steps: Iterable<string>
  /** the text of the pipeline is open, with the prompt of the step chosen */
  readonly isPrompt: boolean
  /** absent: it is not read yet */
  readonly source: RunSource | undefined
  close(): void
}

/** Runs again from a step: its earlier results are reused, and inputs or the whole pipeline may differ. */
export function ForkDialog({ run, name, at, steps, isPrompt, source, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [step, setStep] = useState(at)
  // no schema says which of them are secrets, so no reload brings them back
  const [inputs, setInputs, clearInputs] = useKept(`fork inputs ${run}`, () => '', { lasting: () => undefined })
  const given = source?.language === 'pipeline' ? (source.text ?? '') : ''
  const [typed, setText, clearText] = useKept<string | undefined>(`fork text ${run}`, () => undefined)
  const text = typed ?? given
  const isChanged = text !== given
  const [failure, setFailure] = useFailure()
  const [wrong, setWrong] = useState<{ readonly [Field in 'step' | 'inputs']?: string }>({})
  const [isSending, setSending] = useState(false)
  const [isOpen, setOpen] = useState(isPrompt || isChanged)
  const area = useRef<HTMLTextAreaElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const lines = linesOf(source, at)
  // the text shows the step, with its prompt chosen
  useEffect(() => {
    if (!isOpen || typed !== undefined || !area.current || !lines) return
    const [begin, end] = promptIn(given, lines)
    area.current.focus()
    area.current.setSelectionRange(begin, end)
    area.current.scrollTop = (lines.line - 2) * LINE_HEIGHT
  }, [isOpen, given])
  const send = async (event: Event) => {
    event.preventDefault()
    const set = inputsIn(inputs)
    setFailure(undefined)
    setWrong(set === undefined ? { inputs: NOT_INPUTS } : {})
    if (set === undefined || isSending) return
    setSending(true)
    try {
      const files = source?.language === 'pipeline' && source.files ? { files: source.files } : {}
      const other = isChanged ? { source: { text, ...files } } : {}
      const { id } = await client.runs.fork(run, {
        ...(step && { at: step }),
        ...(inputs.trim() && { set }),
        ...other,
      } as never)
      clearInputs()
      clearText()
      close()
      go(href(['runs', id], { view: 'compare', with: run }))
    } catch (error) {
      const fault = failureOf(error)
      const field = FIELDS[fault.code]
      if (field) setWrong({ [field]: [fault.message, fault.hint].filter(Boolean).join(' ') })
      else setFailure(fault)
    } finally {
      setSending(false)
    }
  }
  return (
    <dialog ref={dialog} class="sheet" aria-label="Run again" onClose={close}>
      <form onSubmit={send}>
        <h2>Run {name} again</h2>
        <p class="quiet">Results of earlier steps are reused, at no cost. The new run is compared with this one.</p>
        <label class="field">
          From step
          <select
            value={step}
            aria-invalid={wrong.step !== undefined}
            aria-describedby="wrong-step"
            onChange={({ currentTarget }) => setStep(currentTarget.value)}
          >
            <option value="">only what has no result</option>
            {[...steps].map((id) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
          <span id="wrong-step" class="problem small" role="alert">
            {wrong.step}
          </span>
        </label>
        <label class="field">
          Inputs to change, as JSON
          <textarea
            rows={3}
            value={inputs}
            placeholder={asText(source?.inputs ?? {})}
            aria-invalid={wrong.inputs !== undefined}
            aria-describedby="wrong-inputs"
            onInput={({ currentTarget }) => setInputs(currentTarget.value)}
          />
          <span id="wrong-inputs" class="problem small" role="alert">
            {wrong.inputs}
          </span>
        </label>
        {source?.language !== 'workflow' && (
          <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
            <summary>Another prompt, model or pipeline</summary>
            <label class="field">
              The text of the pipeline, in YAML
              <textarea
                ref={area}
                rows={14}
                class="code"
                value={text}
                onInput={({ currentTarget }) => setText(currentTarget.value)}
              />
            </label>
          </details>
        )}
        {failure && <Failed failure={failure} />}
        <p class="buttons">
          <button type="submit" class="primary" disabled={isSending}>
            {isSending ? 'Working …' : 'Run again'}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Back
          </button>
        </p>
        {!isChanged && (
          <Command
            words={['fork', run, ...(step ? ['--at', step] : []), ...inputWords(inputsIn(inputs) ?? {}, '--set')]}
          />
        )}
      </form>
    </dialog>
  )
}

const LINE_HEIGHT = 18

/** The field to which a refusal belongs, by its code. */
const FIELDS: { readonly [code: string]: 'step' | 'inputs' } = {
  unknown_step: 'step',
  input_unknown: 'inputs',
  input_type: 'inputs',
  input_required: 'inputs',
}
