/** What a common name stands for: in a few words, for its meaning, and by words that tell of it wherever they stand. */
export type WellKnown = { readonly meaning: string; readonly words: string }

/** Names that are used for choices without a description. */
export const WELL_KNOWN: { readonly [name: string]: WellKnown } = {
  positive: {
    meaning: 'good, excellent, happy, satisfied, love it, works well',
    words:
      'good great excellent fast reliable pleasant helpful easy happy love like enjoy perfect nice well recommend thanks amazing awesome ' +
      'beautiful best better bright brilliant charming cheerful clean clever comfortable convenient cosy delicious delight easily effective ' +
      'efficient elegant exceed fabulous fair fantastic favourite fine flawless fresh friendly fun generous gentle glad gorgeous grateful ' +
      'handy impress incredible inspire intuitive joy kind laugh lovely lucky magnificent marvellous outstanding pleased pleasure polite ' +
      'powerful praise prompt proud quick refreshing safe satisfied simple smile solid solve spotless stunning sturdy ' +
      'success super superb sweet tasty terrific thank thoughtful useful valuable warm welcome win wonderful worth',
  },
  negative: {
    meaning: 'bad, terrible, angry, disappointed, broken, a complaint',
    words:
      'bad poor broken failure wrong slow useless confusing sadly unfortunately terrible hate disappointed problem error crash annoying ' +
      'angry apology arrogant ashamed avoid awful awkward bland boring break bug careless cheap cheat complain complicated crack cramped ' +
      'cruel damage dangerous dead defect delay die difficult dirty disaster disgusting dishonest dreadful dull expensive fail fake false faulty ' +
      'fault flaw frustrate garbage greasy hard harm horrible hurt ignore inferior issue junk lack late lazy lie ' +
      'lose loud mediocre mess mislead miss mistake nasty never nightmare noisy outdated overpriced pain pathetic pity refuse refund ' +
      'regret reject rip rotten rude ruin sad scam shame shabby sorry steal stink stuck stupid suffer tear tired trouble ' +
      'ugly unbearable uncomfortable unfair unfriendly unhappy unhelpful unpleasant unreliable unusable upset waste weak wear worse worst worthless',
  },
  neutral: { meaning: 'plain factual statement', words: '' },
}
