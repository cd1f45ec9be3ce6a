import { ref } from './answers.ts';

const html = { 'text/html': { schema: { type: 'string' } } };
const form = (name: string) => ({
  required: true,
  content: { 'application/x-www-form-urlencoded': { schema: ref(name) } },
});
const problem = (status: number) => ({ [status]: { $ref: `#/components/responses/Problem${status}` } });
const forbidden = { ...problem(403), ...problem(410) };

/** The session link, as `POST /inbox-links` made it; and where in the inbox. */
const session = ['for', 'name', 'exp', 'kid', 'sig'].map((name) => ({
  name,
  in: 'query',
  required: true,
  schema: { type: 'string' },
}));
const place = ['kind', 'cursor', 'before', 'order'].map((name) => ({
  name,
  in: 'query',
  required: false,
  schema: { type: 'string' },
}));
const backToInbox = {
  303: {
    description: 'Back to the inbox, which shows what was recorded.',
    headers: { Location: { description: 'The inbox, where the person was.', schema: { type: 'string' } } },
  },
};
/** What a button of the page sends. */
const inboxForm = (operationId: string, summary: string, body: string) => ({
  operationId,
  summary,
  security: [],
  parameters: [...session, ...place],
  requestBody: form(body),
  responses: {
    ...backToInbox,
    ...problem(400),
    ...forbidden,
    ...problem(404),
    ...problem(413),
    ...problem(415),
    ...problem(503),
  },
});

/** The page for people who answer waits. Programs use `GET /waits` and the links in it. */
export const inboxPaths = {
  '/inbox-links': {
    post: {
      operationId: 'createInboxLink',
      summary: 'A link that opens the inbox of a person in a role',
      description: 'Good for twelve hours. Whoever has it is this person: it can give every answer of the role.',
      requestBody: { required: true, content: { 'application/json': { schema: ref('InboxLinkRequest') } } },
      responses: {
        201: { description: 'The link.', content: { 'application/json': { schema: ref('InboxLink') } } },
        ...problem(400),
        ...problem(401),
        ...problem(413),
        ...problem(415),
        ...problem(503),
      },
    },
  },
  '/inbox': {
    get: {
      operationId: 'showInbox',
      summary: 'The page with the open waits that a role sees',
      description: 'Changes nothing. The link is signed; use it as it was given to you.',
      security: [],
      parameters: [
        ...session,
        ...place,
        { name: 'part', in: 'query', required: false, description: 'The list alone.', schema: { const: 'list' } },
        {
          name: 'lines',
          in: 'query',
          required: false,
          description: 'With `order`: all lines of the order.',
          schema: { const: 'all' },
        },
      ],
      responses: {
        200: { description: 'The page.', content: html },
        304: { description: 'The list is as `If-None-Match` has it.' },
        ...problem(400),
        ...forbidden,
        ...problem(503),
      },
    },
  },
  '/inbox/answers': { post: inboxForm('answerInInbox', 'Answer a wait, once', 'InboxAnswer') },
  '/inbox/claims': { post: inboxForm('claimInInbox', 'Take a wait for half an hour, or give it back', 'InboxClaim') },
  '/inbox.js': {
    get: {
      operationId: 'serveInboxScript',
      summary: 'The script of the inbox',
      security: [],
      responses: { 200: { description: 'JavaScript.', content: { 'text/javascript': {} } } },
    },
  },
};
