import { useState } from 'preact/hooks'
import { useKept } from '../lib/kept.ts'
import { failureOf, useFailure } from '../lib/load.ts'
import { client } from '../lib/server.ts'
import { Command, Failed } from '../parts/basics.tsx'

type Props = {
  readonly thread: string
  /** the agent that answers; absent: the phases do */
  readonly agent: string | undefined
  readonly isBusy: boolean
  /** called with the text when the server has it */
  sent(text: string): void
}

const ON_BUSY = {
  steer: 'tell it before its next round',
  queue: 'let it wait',
  interrupt: 'begin again with both',
} as const
type OnBusy = keyof typeof ON_BUSY

/** A message that is not sent yet. It is sent under its id, so the server takes it once, also when it is sent again. */
type Draft = { readonly text: string; readonly files: readonly File[]; readonly id: string }

const emptyDraft = (): Draft => ({ text: '', files: [], id: newId() })

/** The draft as a reload may bring it back. */
const withoutFiles = (draft: Draft) => (draft.text === '' ? undefined : { ...draft, files: [] })

/** Says something in a conversation. While the agent works, a message steers it, waits, or interrupts it. */
export function Composer({ thread, agent, isBusy, sent }: Props) {
  const [draft, keep, clear] = useKept(`message ${thread}`, emptyDraft, { lasting: withoutFiles })
  const { text, files, id } = draft
  const write = (next: Partial<Draft>) => keep({ ...draft, ...next, id: newId() })
  const [onBusy, setOnBusy] = useState<OnBusy>('steer')
  const [isSending, setSending] = useState(false)
  const [failure, setFailure] = useFailure()
  const send = async () => {
    if (isSending || (text.trim() === '' && files.length === 0)) return
    setSending(true)
    setFailure(undefined)
    try {
      if (agent === undefined) await client.threads.startAsk({ id, thread, prompt: text })
      else {
        const stored = await Promise.all(
          files.map(async (file) => (await client.files.add(file, { name: file.name }).catch(about(file.name))).file),
        )
        await client.conversations.post({
          id,
          conversation: thread,
          agent,
          text,
          ...(stored.length > 0 && { files: stored }),
          ...(isBusy && { onBusy }),
        })
      }
      clear()
      sent(text)
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setSending(false)
    }
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <label class="field">
        <span class="unseen">Message</span>
        <textarea
          rows={3}
          value={text}
          placeholder={agent === undefined ? 'Ask something' : `Say something to ${agent}`}
          onInput={({ currentTarget }) => write({ text: currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
            event.preventDefault()
            void send()
          }}
        />
      </label>
      {files.length > 0 && (
        <p class="chips">
          {files.map((file, index) => (
            <button
              key={index}
              type="button"
              class="chip"
              aria-label={`Leave out ${file.name}`}
              onClick={() => write({ files: files.filter((one) => one !== file) })}
            >
              {file.name} ×
            </button>
          ))}
        </p>
      )}
      <p class="buttons">
        <button type="submit" class="primary" disabled={isSending || (text.trim() === '' && files.length === 0)}>
          {isSending ? 'Sending …' : 'Send'}
        </button>
        {agent !== undefined && (
          <label class="attach">
            <input
              type="file"
              multiple
              class="unseen"
              onChange={({ currentTarget }) => {
                write({ files: [...files, ...(currentTarget.files ?? [])] })
                // the same file may be added again after it was left out
                currentTarget.value = ''
              }}
            />
            Add files
          </label>
        )}
        {isBusy && agent !== undefined && (
          <label class="choice">
            <span class="quiet small">While it works:</span>{' '}
            <select value={onBusy} onChange={({ currentTarget }) => setOnBusy(currentTarget.value as OnBusy)}>
              {Object.entries(ON_BUSY).map(([name, about]) => (
                <option key={name} value={name}>
                  {about}
                </option>
              ))}
            </select>
          </label>
        )}
        <span class="quiet small">Ctrl Enter sends</span>
      </p>
      {failure && <Failed failure={failure} />}
      <Command
        words={
          agent === undefined
            ? ['ask', text || 'QUESTION', '--thread', thread]
            : ['chat', agent, '--conversation', thread]
        }
      />
    </form>
  )
}

/** Of several files, the failure says which one it is. */
const about = (name: string) => (error: unknown) => {
  if (error instanceof Error) error.message = `${name}: ${error.message}`
  throw error
}

const newId = () => `ask_${crypto.randomUUID()}`
