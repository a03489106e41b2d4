import { isPlaceholder } from "./named-value.ts"
import type { Span } from "./span.ts"

/**
 * Secrets that say by their own form what they are, as their makers' documentation has it. Each pattern begins with letters
 * that are seldom seen and has bounds: none looks at a place more often than its bound. Where one has a group `secret`, only
 * that is hidden.
 */
const PATTERNS: Readonly<Record<string, readonly RegExp[]>> = {
  "aegis-key": [
    /\bagk_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}/g,
    /\bag_[\w-]{32}(?![\w-])/g,
    /(?<![\w-])(?:sse|aga)_[\w-]{16,2000}\.[\w-]{16,200}/g,
    /\baegis_session=(?<secret>[\w.~+/=%-]{16,2000})/g,
  ],
  "age-key": [/\bAGE-SECRET-KEY-1[0-9A-Za-z]{20,80}/g],
  "anthropic-key": [/\bsk-ant-[\w-]{16,200}/g],
  "atlassian-token": [/\bATATT3[\w=-]{20,300}/g],
  "aws-access-key": [/\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g],
  bearer: [/\b(?:[Bb]earer|BEARER)\s{1,4}(?<secret>(?=[\w.~+/=-]{0,400}\d)[\w.~+/=-]{8,8000})/g],
  "basic-auth": [/\bBasic\s{1,4}(?<secret>(?=[A-Za-z0-9+/]{0,400}[\d=])[A-Za-z0-9+/]{8,4000}={0,2})/g],
  "databricks-token": [/\bdapi[0-9a-f]{32}\b/g],
  "digitalocean-token": [/\bdo[opr]_v1_[0-9a-f]{40,80}/g],
  "discord-webhook": [/\bdiscord(?:app)?\.com\/api\/webhooks\/\d{5,25}\/(?<secret>[\w-]{20,120})/g],
  "docker-token": [/\bdckr_[po]at_[\w-]{20,80}/g],
  "figma-token": [/\bfig[dou]_[\w-]{20,80}/g],
  "github-token": [/\bgh[pousr]_[0-9A-Za-z]{20,255}/g, /\bgithub_pat_\w{20,255}/g],
  "gitlab-token": [/\bgl(?:pat|ptt|dt|rt|oas|cbt|ft|imt|agent|soat|ffct)-[\w.-]{20,120}/g],
  "google-key": [/\bAIza[\w-]{30,45}/g, /\bya29\.[\w-]{20,500}/g, /\bGOCSPX-[\w-]{20,60}/g],
  "grafana-token": [/\bgl(?:sa|c)_[\w=+/-]{20,300}/g],
  "huggingface-token": [/\bhf_[0-9A-Za-z]{30,60}/g],
  jwt: [/(?<![\w-])eyJ[\w-]{8,8000}\.[\w-]{4,16000}\.[\w-]{0,2000}/g],
  "linear-key": [/\blin_(?:api|oauth)_[0-9A-Za-z]{20,80}/g],
  "netrc-password": [
    /\bmachine\s{1,8}\S{1,200}\s{1,8}login\s{1,8}\S{1,200}\s{1,8}password\s{1,8}(?<secret>[^\s"'<>[]\S{0,400})/g,
  ],
  "notion-key": [/\bntn_[0-9A-Za-z]{30,60}/g],
  "npm-token": [/\bnpm_[0-9A-Za-z]{30,60}/g],
  "openai-key": [/\bsk-(?:proj|svcacct|admin|None)-[\w-]{16,300}/g, /\bsk-[0-9A-Za-z]{32,64}\b/g],
  "postman-key": [/\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}/g],
  "pypi-token": [/\bpypi-AgE[\w-]{20,500}/g],
  "sendgrid-key": [/\bSG\.[\w-]{16,80}\.[\w-]{1,80}/g],
  "sentry-token": [/\bsntry[su]_[\w=+/-]{20,400}/g],
  "shopify-token": [/\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}/g],
  "slack-token": [/\bxox[a-z](?:\.xox[a-z])?-[\w-]{10,400}/g, /\bxapp-\d-[\w-]{10,400}/g],
  "slack-webhook": [/\bhooks\.slack\.com\/(?:services|workflows|triggers)\/(?<secret>[\w/-]{20,200})/g],
  "stripe-key": [/\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,250}/g],
  "supabase-key": [/\bsb[ps]_[0-9a-f]{40}/g, /\bsb_secret_[\w-]{20,60}/g],
  "telegram-token": [/\b\d{8,10}:AA[\w-]{30,40}/g],
  "twilio-key": [/\bSK[0-9a-f]{32}\b/g],
  "url-password": [
    /\b[A-Za-z][A-Za-z0-9+.-]{1,30}:\/\/[^\s/?#@:"'<>\\]{0,200}:(?<secret>[^\s/?#"'<>@\\${*[]{1,400})@/g,
  ],
  "url-signature": [
    /[?&#](?:sig|signature|x-amz-signature|x-goog-signature|code|key|auth)=(?<secret>(?=[^\s&#"'<>]{0,200}\d)[^\s&#"'<>[$\\]{16,2000})/gi,
  ],
  "vault-token": [/\bhv[sbr]\.[\w-]{20,300}/g],
  "webhook-secret": [/\bwhsec_[0-9A-Za-z+/=]{20,200}/g],
}

/** What each of them has in it: most texts have none, and are looked through once. */
const HINT = new RegExp(
  [
    "agk_|aga_|ag_|sse_|aegis_session=|AGE-SECRET|sk-|ATATT3|A[KSBC][IC]A|[Bb]earer|BEARER|Basic|dapi|do[opr]_v1_|api/webhooks|dckr_",
    "fig[dou]_|gh[pousr]_|github_pat_|gl[a-z]{1,5}[-_]|AIza|ya29|GOCSPX|hf_|eyJ|lin_|machine|ntn_|npm_|PMAK|pypi-|SG[.]",
    "sntry|shp[acps]|xox|xapp|hooks[.]slack|[rs]k_|sb[ps]_|sb_secret|:AA|SK|://|[?&#]|hv[sbr][.]|whsec_",
  ].join("|"),
)

export function findKnown(text: string): readonly Span[] {
  if (!HINT.test(text)) return []
  return Object.entries(PATTERNS).flatMap(([kind, patterns]) =>
    patterns.flatMap((pattern) =>
      [...text.matchAll(pattern)]
        .filter(({ groups }) => !isPlaceholder(groups?.secret ?? "shown"))
        .map((match) => toSpan(kind, match)),
    ),
  )
}

function toSpan(kind: string, { index, 0: whole, groups }: RegExpExecArray): Span {
  const { secret = whole } = groups ?? {}
  // What is after it is only what ends it.
  const start = index + whole.lastIndexOf(secret)
  return { start, end: start + secret.length, kind }
}
