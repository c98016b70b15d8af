import en from './en.json' with { type: 'json' };

/** A message is one string, or one string for each plural category that its language has. */
type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type MessageKey = keyof typeof en;
export type MessageParams = Record<string, string | number>;

/**
 * Gives the words for `key` in the translator's language, with `{name}` replaced from `params` (numbers in the
 * language's own notation). A message with plural forms is chosen by `params.count`.
 * Throws a RangeError for a key or a parameter that is missing.
 */
export type Translate = (key: MessageKey, params?: MessageParams) => string;

const languages: Record<string, Record<string, Message>> = { en };

/** The translator for a language; English where the language has no messages yet. */
export function translator(language: string): Translate {
  const messages = languages[language] ?? en;
  const plural = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (key, params = {}) => {
    const message: Message | undefined = (messages as Record<string, Message>)[key];
    if (message === undefined) throw new RangeError(`No message "${key}" in ${language}`);
    const text = typeof message === 'string' ? message : pluralForm(key, message, params, plural);
    if (!text.includes('{')) return text;
    return text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = params[name];
      if (value === undefined) throw new RangeError(`Message "${key}" needs "${name}"`);
      return typeof value === 'number' ? numbers.format(value) : value;
    });
  };
}

/** Whether there is a message under this key; for keys that are made from data, such as a facet's name. */
export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key);
}

function pluralForm(
  key: string,
  forms: Exclude<Message, string>,
  params: MessageParams,
  rules: Intl.PluralRules,
): string {
  const { count } = params;
  if (typeof count !== 'number') throw new RangeError(`Message "${key}" needs a number as "count"`);
  const text = forms[rules.select(count)] ?? forms.other;
  if (text === undefined) throw new RangeError(`Message "${key}" has no plural form for ${count}`);
  return text;
}
