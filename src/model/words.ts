/** How the offline model reads a text: its sentences, and the words that carry meaning; for whoever weighs texts without a model. */
export { sentenceRanges } from './text/sentences.ts'
export { queryTerms, termsOf } from './text/terms.ts'
