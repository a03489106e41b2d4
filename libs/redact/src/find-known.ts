import { isPlaceholder } from "./named-value.ts"
import type { Span } from "./span.ts"

/**
 * Secrets that say by their own form what they are, as their makers' documentation has it. Each pattern begins with letters
 * that are seldom seen and has bounds: none looks at a place more often than its bound. Where one has a group `secret`, only
 * that is hidden. A text that has none of the hints in it has nothing of the pattern: most texts are looked through for
 * those alone.
 */
const PATTERNS: readonly (readonly [kind: string, hints: string | readonly string[], pattern: RegExp])[] = [
  ["aegis-key", "agk_", /\bagk_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}/g],
  ["aegis-key", "ag_", /\bag_[\w-]{32}(?![\w-])/g],
  ["aegis-key", ["sse_", "aga_"], /(?<![\w-])(?:sse|aga)_[\w-]{16,2000}\.[\w-]{16,200}/g],
  ["aegis-key", "aegis_session=", /\baegis_session=(?<secret>[\w.~+/=%-]{16,2000})/g],
  ["age-key", "AGE-SECRET-KEY-1", /\bAGE-SECRET-KEY-1[0-9A-Za-z]{20,80}/g],
  ["anthropic-key", "sk-ant-", /\bsk-ant-[\w-]{16,200}/g],
  ["atlassian-token", "ATATT3", /\bATATT3[\w=-]{20,300}/g],
  ["aws-access-key", ["AKIA", "ASIA", "ABIA", "ACCA"], /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g],
  ["bearer", ["earer", "BEARER"], /\b(?:[Bb]earer|BEARER)\s{1,4}(?<secret>(?=[\w.~+/=-]{0,400}\d)[\w.~+/=-]{8,8000})/g],
  ["basic-auth", "Basic", /\bBasic\s{1,4}(?<secret>(?=[A-Za-z0-9+/]{0,400}[\d=])[A-Za-z0-9+/]{8,4000}={0,2})/g],
  ["databricks-token", "dapi", /\bdapi[0-9a-f]{32}\b/g],
  ["digitalocean-token", "_v1_", /\bdo[opr]_v1_[0-9a-f]{40,80}/g],
  ["discord-webhook", "discord", /\bdiscord(?:app)?\.com\/api\/webhooks\/\d{5,25}\/(?<secret>[\w-]{20,120})/g],
  ["docker-token", "dckr_", /\bdckr_[po]at_[\w-]{20,80}/g],
  ["figma-token", ["figd_", "figo_", "figu_"], /\bfig[dou]_[\w-]{20,80}/g],
  ["github-token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], /\bgh[pousr]_[0-9A-Za-z]{20,255}/g],
  ["github-token", "github_pat_", /\bgithub_pat_\w{20,255}/g],
  ["gitlab-token", "gl", /\bgl(?:pat|ptt|dt|rt|oas|cbt|ft|imt|agent|soat|ffct)-[\w.-]{20,120}/g],
  ["google-key", "AIza", /\bAIza[\w-]{30,45}/g],
  ["google-key", "ya29.", /\bya29\.[\w-]{20,500}/g],
  ["google-key", "GOCSPX-", /\bGOCSPX-[\w-]{20,60}/g],
  ["grafana-token", ["glsa_", "glc_"], /\bgl(?:sa|c)_[\w=+/-]{20,300}/g],
  ["huggingface-token", "hf_", /\bhf_[0-9A-Za-z]{30,60}/g],
  ["jwt", "eyJ", /(?<![\w-])eyJ[\w-]{8,8000}\.[\w-]{4,16000}\.[\w-]{0,2000}/g],
  ["linear-key", "lin_", /\blin_(?:api|oauth)_[0-9A-Za-z]{20,80}/g],
  [
    "netrc-password",
    "machine",
    /\bmachine\s{1,8}\S{1,200}\s{1,8}login\s{1,8}\S{1,200}\s{1,8}password\s{1,8}(?<secret>[^\s"'<>[]\S{0,400})/g,
  ],
  ["notion-key", "ntn_", /\bntn_[0-9A-Za-z]{30,60}/g],
  ["npm-token", "npm_", /\bnpm_[0-9A-Za-z]{30,60}/g],
  ["openai-key", "sk-", /\bsk-(?:proj|svcacct|admin|None)-[\w-]{16,300}/g],
  ["openai-key", "sk-", /\bsk-[0-9A-Za-z]{32,64}\b/g],
  ["postman-key", "PMAK-", /\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}/g],
  ["pypi-token", "pypi-AgE", /\bpypi-AgE[\w-]{20,500}/g],
  ["sendgrid-key", "SG.", /\bSG\.[\w-]{16,80}\.[\w-]{1,80}/g],
  ["sentry-token", "sntry", /\bsntry[su]_[\w=+/-]{20,400}/g],
  ["shopify-token", "shp", /\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}/g],
  ["slack-token", "xox", /\bxox[a-z](?:\.xox[a-z])?-[\w-]{10,400}/g],
  ["slack-token", "xapp-", /\bxapp-\d-[\w-]{10,400}/g],
  [
    "slack-webhook",
    "hooks.slack.com",
    /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/(?<secret>[\w/-]{20,200})/g,
  ],
  ["stripe-key", ["k_live_", "k_test_"], /\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,250}/g],
  ["supabase-key", ["sbp_", "sbs_"], /\bsb[ps]_[0-9a-f]{40}/g],
  ["supabase-key", "sb_secret_", /\bsb_secret_[\w-]{20,60}/g],
  ["telegram-token", ":AA", /\b\d{8,10}:AA[\w-]{30,40}/g],
  ["twilio-key", "SK", /\bSK[0-9a-f]{32}\b/g],
  [
    "url-password",
    "://",
    /\b[A-Za-z][A-Za-z0-9+.-]{1,30}:\/\/[^\s/?#@:"'<>\\]{0,200}:(?<secret>[^\s/?#"'<>@\\${*[]{1,400})@/g,
  ],
  [
    "url-signature",
    ["?", "&", "#"],
    /[?&#](?:sig|signature|x-amz-signature|x-goog-signature|code|key|auth)=(?<secret>(?=[^\s&#"'<>]{0,200}\d)[^\s&#"'<>[$\\]{16,2000})/gi,
  ],
  ["vault-token", ["hvs.", "hvb.", "hvr."], /\bhv[sbr]\.[\w-]{20,300}/g],
  ["webhook-secret", "whsec_", /\bwhsec_[0-9A-Za-z+/=]{20,200}/g],
]

export function findKnown(text: string): readonly Span[] {
  const found: Span[] = []
  for (const [kind, hints, pattern] of PATTERNS) {
    if (!hasOne(text, hints)) continue
    for (const match of text.matchAll(pattern))
      if (!isPlaceholder(match.groups?.secret ?? "shown")) found.push(toSpan(kind, match))
  }
  return found
}

function hasOne(text: string, hints: string | readonly string[]) {
  return typeof hints === "string" ? text.includes(hints) : hints.some((hint) => text.includes(hint))
}

function toSpan(kind: string, { index, 0: whole, groups }: RegExpExecArray): Span {
  const { secret = whole } = groups ?? {}
  // What is after it is only what ends it.
  const start = index + whole.lastIndexOf(secret)
  return { start, end: start + secret.length, kind }
}
