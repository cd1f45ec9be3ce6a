/** Port: tells people things. */
export interface Mailer {
  /** Sends once per `key`, or returns what was sent under it before. Throws `MailUnavailable` when it may be tried again, `MailRefused` when this mail never will be taken. */
  send(mail: Mail): Promise<{ mailId: string }>;
}

export interface Mail {
  /** `orderId#step` or `waitId#<token sequence>`: the same for every retry, another for another mail. */
  key: string;
  to: string;
  subject: string;
  text: string;
  html?: string;
  /** Nothing is sent if a mail was, under another key, at this time (ISO 8601) or later: it says the same. */
  unlessSent?: { key: string; since: string };
}
