import { useEffect, useRef, useState } from 'preact/hooks'
import type { RunSource } from '../../src/client.ts'
import { command } from '../lib/commands.ts'
import { asText } from '../lib/format.ts'
import { failureOf, useFailure } from '../lib/load.ts'
import { go, href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Command, Failed } from '../parts/basics.tsx'
import { promptIn } from './prompt-in.ts'
import { linesOf } from './step-text.ts'

type Props = {
  readonly run: string
  readonly name: string
  readonly at: string
  /** the text of the pipeline is open, with the prompt of the step chosen */
  readonly isPrompt: boolean
  /** absent: it is not read yet */
  readonly source: RunSource | undefined
  close(): void
}

/** Runs again from a step: its earlier results are reused, and inputs or the whole pipeline may differ. */
export function ForkDialog({ run, name, at, isPrompt, source, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [step, setStep] = useState(at)
  const [inputs, setInputs] = useState('')
  const given = source?.language === 'pipeline' ? (source.text ?? '') : ''
  const [typed, setText] = useState<string | undefined>()
  const text = typed ?? given
  const isChanged = text.trim() !== '' && text !== given
  const [failure, setFailure] = useFailure()
  const [wrong, setWrong] = useState('')
  const [isOpen, setOpen] = useState(isPrompt)
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
    setWrong(set === undefined ? 'Expected JSON such as {"city": "Kiel"}.' : '')
    if (set === undefined) return
    try {
      const files = source?.language === 'pipeline' && source.files ? { files: source.files } : {}
      const other = isChanged ? { source: { text, ...files } } : {}
      const { id } = await client.runs.fork(run, {
        ...(step && { at: step }),
        ...(inputs.trim() && { set }),
        ...other,
      } as never)
      close()
      go(href(['runs', id], { view: 'compare', with: run }))
    } catch (error) {
      setFailure(failureOf(error))
    }
  }
  return (
    <dialog ref={dialog} class="sheet" aria-label="Run again" onClose={close}>
      <form onSubmit={send}>
        <h2>Run {name} again</h2>
        <p class="quiet">Results of earlier steps are reused, at no cost. The new run is compared with this one.</p>
        <label class="field">
          From step (empty: only what has no result)
          <input value={step} onInput={({ currentTarget }) => setStep(currentTarget.value)} />
        </label>
        <label class="field">
          Inputs to change, as JSON
          <textarea
            rows={3}
            value={inputs}
            placeholder={asText(source?.inputs ?? {})}
            aria-invalid={wrong !== ''}
            aria-describedby="wrong-inputs"
            onInput={({ currentTarget }) => setInputs(currentTarget.value)}
          />
          <span id="wrong-inputs" class="problem small" role="alert">
            {wrong}
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
          <button type="submit" class="primary">
            Run again
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Back
          </button>
        </p>
        <Command text={command('fork', run, ...(step ? ['--at', step] : []), ...wordsOf(inputs))} />
      </form>
    </dialog>
  )
}

const LINE_HEIGHT = 18

function inputsIn(text: string): { readonly [name: string]: unknown } | undefined {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as { [name: string]: unknown })
      : undefined
  } catch {
    return undefined
  }
}

const wordsOf = (text: string) =>
  Object.entries(inputsIn(text) ?? {}).flatMap(([name, value]) => [
    '--set',
    `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ])
