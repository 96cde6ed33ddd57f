import { useState } from 'preact/hooks'
import { command } from '../lib/commands.ts'
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

/** Drafts by their conversations: the form goes when the page asks for a key, and they stay. */
const drafts = new Map<string, Draft>()
const emptyDraft = (): Draft => ({ text: '', files: [], id: newId() })

/** Says something in a conversation. While the agent works, a message steers it, waits, or interrupts it. */
export function Composer({ thread, agent, isBusy, sent }: Props) {
  const [draft, setDraft] = useState(() => drafts.get(thread) ?? emptyDraft())
  const { text, files, id } = draft
  const write = (next: Draft) => {
    if (next.text === '' && next.files.length === 0) drafts.delete(thread)
    else drafts.set(thread, next)
    setDraft(next)
  }
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
          files.map(async (file) => (await client.files.add(file, { name: file.name })).file),
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
      write(emptyDraft())
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
          onInput={({ currentTarget }) => write({ ...draft, text: currentTarget.value, id: newId() })}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
            event.preventDefault()
            void send()
          }}
        />
      </label>
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
              onChange={({ currentTarget }) =>
                write({ ...draft, files: [...(currentTarget.files ?? [])], id: newId() })
              }
            />
            {files.length > 0 ? files.map(({ name }) => name).join(', ') : 'Add files'}
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
        text={
          agent === undefined
            ? command('ask', text || 'QUESTION', '--thread', thread)
            : command('chat', agent, '--conversation', thread)
        }
      />
    </form>
  )
}

const newId = () => `ask_${crypto.randomUUID()}`
