import { useState } from 'preact/hooks'
import type { AskDocument } from '../../src/client.ts'
import { counted } from '../lib/format.ts'
import { Text } from '../parts/basics.tsx'
import { type Block, blocksOf, type Span, typedAnswer } from './markdown.ts'

type Citations = AskDocument['citations']

/** An answer, with its sources: a mark opens the place that supports the statement before it. */
export function AnswerText({ text, citations = [] }: { readonly text: string; readonly citations?: Citations }) {
  const [shown, setShown] = useState<string | undefined>()
  const number = (vid: string) => citations.findIndex((one) => one.vid === vid) + 1
  const mark = (vid: string) =>
    number(vid) === 0 ? null : (
      <button
        type="button"
        class="cite"
        aria-label={`Source ${number(vid)}`}
        aria-expanded={shown === vid}
        onClick={() => setShown(shown === vid ? undefined : vid)}
      >
        {number(vid)}
      </button>
    )
  const typed = typedAnswer(text)
  return (
    <div class="answer-text">
      {typed !== undefined && <Text of={typed} name="The typed answer" />}
      {(typed === undefined ? blocksOf(text) : []).map((block, index) => (
        <BlockView key={index} block={block} mark={mark} />
      ))}
      {citations.length > 0 && (
        <details open={shown !== undefined}>
          <summary>{counted(citations.length, 'source')}</summary>
          <ol class="sources">
            {citations.map((citation, index) => (
              <li key={citation.vid} class={citation.vid === shown ? 'chosen' : ''}>
                <Source citation={citation} number={index + 1} />
              </li>
            ))}
          </ol>
        </details>
      )}
    </div>
  )
}

function Source({ citation, number }: { readonly citation: Citations[number]; readonly number: number }) {
  const { file, line, endLine, text, at, tool, quotes = [] } = citation
  const places = quotes.length > 0 ? quotes : [{ line, endLine, text, ...(at !== undefined && { at }) }]
  return (
    <>
      <p>
        <b>{number}</b> <code>{file}</code> {tool && <span class="quiet">a result of {tool}</span>}
      </p>
      {places.map((place, index) => (
        <blockquote key={index}>
          <span class="quiet small">
            {place.at ??
              (place.endLine > place.line ? `lines ${place.line} to ${place.endLine}` : `line ${place.line}`)}
          </span>
          <br />
          {place.text}
        </blockquote>
      ))}
    </>
  )
}

type Mark = (vid: string) => preact.JSX.Element | null

function BlockView({ block, mark }: { readonly block: Block; readonly mark: Mark }) {
  switch (block.type) {
    case 'code':
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by the keyboard
      return <pre tabIndex={0}>{block.text}</pre>
    case 'list':
      return (
        <ul>
          {block.items.map((item, index) => (
            <li key={index}>
              <Spans of={item} mark={mark} />
            </li>
          ))}
        </ul>
      )
    case 'heading':
      return (
        <p>
          <strong>
            <Spans of={block.spans} mark={mark} />
          </strong>
        </p>
      )
    case 'paragraph':
      return (
        <p>
          <Spans of={block.spans} mark={mark} />
        </p>
      )
  }
}

function Spans({ of, mark }: { readonly of: readonly Span[]; readonly mark: Mark }) {
  return (
    <>
      {of.map((span, index) => {
        if (span.type === 'mark') return <span key={index}>{mark(span.vid)}</span>
        if (span.type === 'code') return <code key={index}>{span.text}</code>
        return span.type === 'strong' ? <strong key={index}>{span.text}</strong> : span.text
      })}
    </>
  )
}
