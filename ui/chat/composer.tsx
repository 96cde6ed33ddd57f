import { useState } from 'preact/hooks'
import { command } from '../lib/commands.ts'
import { type Failure, failureOf } from '../lib/load.ts'
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

/** Says something in a conversation. While the agent works, a message steers it, waits, or interrupts it. */
export function Composer({ thread, agent, isBusy, sent }: Props) {
  const [text, setText] = useState('')
  const [files, setFiles] = useState<readonly File[]>([])
  const [onBusy, setOnBusy] = useState<OnBusy>('steer')
  const [isSending, setSending] = useState(false)
  const [failure, setFailure] = useState<Failure | undefined>()
  const send = async () => {
    if (isSending || (text.trim() === '' && files.length === 0)) return
    setSending(true)
    setFailure(undefined)
    try {
      if (agent === undefined) await client.threads.startAsk({ id: newId(), thread, prompt: text })
      else {
        const stored = await Promise.all(
          files.map(async (file) => (await client.files.add(file, { name: file.name })).file),
        )
        await client.conversations.post({
          conversation: thread,
          agent,
          text,
          ...(stored.length > 0 && { files: stored }),
          ...(isBusy && { onBusy }),
        })
      }
      setText('')
      setFiles([])
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
          onInput={({ currentTarget }) => setText(currentTarget.value)}
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
              onChange={({ currentTarget }) => setFiles([...(currentTarget.files ?? [])])}
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
