// Generated from the contract by scripts/generate.ts.

/** The operations that are tools too. */
export const tools = [
  {
    "name": "server_health",
    "title": "Whether the server is well",
    "description": "Whether the server is well. Without a credential: status and uptime only.",
    "operation": "getHealth",
    "inputSchema": {
      "type": "object",
      "properties": {},
      "additionalProperties": false
    },
    "arguments": {},
    "annotations": {
      "readOnlyHint": true,
      "destructiveHint": false,
      "idempotentHint": true,
      "openWorldHint": false
    }
  },
  {
    "name": "create_session",
    "title": "Create a session, or reuse an idle one of the same folder",
    "description": "Create a session, or reuse an idle one of the same folder",
    "operation": "createSession",
    "inputSchema": {
      "type": "object",
      "properties": {
        "workDir": {
          "type": "string",
          "minLength": 1,
          "maxLength": 4096,
          "description": "Where it works; it may be absent where a template says so."
        },
        "name": {
          "type": "string",
          "minLength": 1,
          "maxLength": 200
        },
        "prompt": {
          "type": "string",
          "minLength": 1,
          "maxLength": 100000
        },
        "agent": {
          "type": "string",
          "minLength": 1,
          "maxLength": 100
        },
        "permissionMode": {
          "type": "string",
          "enum": [
            "default",
            "plan",
            "acceptEdits",
            "bypassPermissions",
            "dontAsk",
            "auto"
          ]
        },
        "model": {
          "type": "string",
          "minLength": 1,
          "maxLength": 200
        },
        "labels": {
          "type": "object",
          "additionalProperties": {
            "type": "string",
            "maxLength": 200
          }
        },
        "reuse": {
          "type": "boolean"
        }
      },
      "additionalProperties": false
    },
    "arguments": {
      "workDir": {
        "place": "body",
        "as": "workDir"
      },
      "name": {
        "place": "body",
        "as": "name"
      },
      "prompt": {
        "place": "body",
        "as": "prompt"
      },
      "agent": {
        "place": "body",
        "as": "agent"
      },
      "permissionMode": {
        "place": "body",
        "as": "permissionMode"
      },
      "model": {
        "place": "body",
        "as": "model"
      },
      "labels": {
        "place": "body",
        "as": "labels"
      },
      "reuse": {
        "place": "body",
        "as": "reuse"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": false,
      "idempotentHint": false,
      "openWorldHint": true
    }
  },
  {
    "name": "list_sessions",
    "title": "List sessions, newest first",
    "description": "List sessions, newest first. Those that have all of what is asked for.",
    "operation": "listSessions",
    "inputSchema": {
      "type": "object",
      "properties": {
        "state": {
          "type": "string",
          "enum": [
            "pending",
            "idle",
            "working",
            "permission_prompt",
            "asking",
            "rate_limit",
            "error",
            "crashed",
            "killed",
            "completed",
            "unknown"
          ]
        },
        "workDir": {
          "type": "string"
        },
        "agent": {
          "type": "string"
        },
        "label": {
          "type": "array",
          "items": {
            "type": "string",
            "pattern": "^[^=]{1,100}=",
            "maxLength": 301
          },
          "minItems": 1,
          "maxItems": 20,
          "description": "`name=value`, said once for each: a session has all of them."
        },
        "q": {
          "type": "string",
          "maxLength": 200,
          "description": "In the name or the folder, in capitals or not."
        },
        "owner": {
          "type": "string",
          "maxLength": 100,
          "description": "The user whose they are."
        },
        "from": {
          "type": "string",
          "format": "date-time",
          "description": "Created then or later."
        },
        "to": {
          "type": "string",
          "format": "date-time",
          "description": "Created before."
        },
        "after": {
          "type": "integer",
          "minimum": 1,
          "description": "nextCursor of the page before."
        },
        "limit": {
          "type": "integer",
          "minimum": 1,
          "maximum": 200,
          "default": 50
        }
      },
      "additionalProperties": false
    },
    "arguments": {
      "state": {
        "place": "query",
        "as": "status"
      },
      "workDir": {
        "place": "query",
        "as": "workDir"
      },
      "agent": {
        "place": "query",
        "as": "agent"
      },
      "label": {
        "place": "query",
        "as": "label"
      },
      "q": {
        "place": "query",
        "as": "q"
      },
      "owner": {
        "place": "query",
        "as": "owner"
      },
      "from": {
        "place": "query",
        "as": "from"
      },
      "to": {
        "place": "query",
        "as": "to"
      },
      "after": {
        "place": "query",
        "as": "after"
      },
      "limit": {
        "place": "query",
        "as": "limit"
      }
    },
    "annotations": {
      "readOnlyHint": true,
      "destructiveHint": false,
      "idempotentHint": true,
      "openWorldHint": false
    }
  },
  {
    "name": "batch_create_sessions",
    "title": "Create up to 50 sessions at once",
    "description": "Create up to 50 sessions at once. Each is judged, counted and answered by itself; only a request that does not fit as a whole is refused as a whole. Under the same Idempotency-Key those that are there are given again, and those that were refused are tried again.",
    "operation": "batchCreateSessions",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessions": {
          "type": "array",
          "items": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
              "workDir": {
                "type": "string",
                "minLength": 1,
                "maxLength": 4096,
                "description": "Where it works; it may be absent where a template says so.",
                "example": "/home/user/project"
              },
              "prompt": {
                "type": "string",
                "minLength": 1,
                "maxLength": 100000
              },
              "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 200
              },
              "agent": {
                "type": "string",
                "minLength": 1,
                "maxLength": 100
              },
              "permissionMode": {
                "type": "string",
                "enum": [
                  "default",
                  "plan",
                  "acceptEdits",
                  "bypassPermissions",
                  "dontAsk",
                  "auto"
                ]
              },
              "model": {
                "type": "string",
                "minLength": 1,
                "maxLength": 200
              },
              "labels": {
                "type": "object",
                "additionalProperties": {
                  "type": "string",
                  "maxLength": 200
                }
              },
              "reuse": {
                "type": "boolean"
              }
            },
            "required": []
          },
          "minItems": 1,
          "maxItems": 50,
          "description": "Each as one is created by itself."
        },
        "atomic": {
          "type": "boolean",
          "description": "All of them or none: where one is refused, the whole request is, and says which. Then none is reused, since a prompt that somebody's idle session has got cannot be taken back."
        }
      },
      "required": [
        "sessions"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessions": {
        "place": "body",
        "as": "sessions"
      },
      "atomic": {
        "place": "body",
        "as": "atomic"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": false,
      "idempotentHint": false,
      "openWorldHint": true
    }
  },
  {
    "name": "acp_claim_driver",
    "title": "Have only this key send to a session, for a time",
    "description": "Have only this key send to a session, for a time. While somebody drives, what others send or answer is refused (driver-held); they read, approve and interrupt as ever. Send and answer with the `fence` that is told here: it is refused (fence-stale) as soon as the seat was taken anew, also by another program with the same key.",
    "operation": "claimDriver",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        },
        "ttlSeconds": {
          "type": "integer",
          "minimum": 1,
          "maximum": 3600,
          "description": "For how long. Default: 300."
        },
        "fence": {
          "type": "integer",
          "minimum": 1,
          "description": "The number under which the caller drives already: keeps it, for so long from now."
        }
      },
      "required": [
        "sessionId"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      },
      "ttlSeconds": {
        "place": "body",
        "as": "ttlSeconds"
      },
      "fence": {
        "place": "body",
        "as": "fence"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": false,
      "idempotentHint": false,
      "openWorldHint": true
    }
  },
  {
    "name": "acp_release_driver",
    "title": "Let everybody send to a session again",
    "description": "Let everybody send to a session again. Fine where nobody drives. From somebody else it is taken away with session.admin.",
    "operation": "releaseDriver",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        },
        "fence": {
          "type": "integer",
          "minimum": 1,
          "description": "The number under which the caller drives."
        }
      },
      "required": [
        "sessionId"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      },
      "fence": {
        "place": "body",
        "as": "fence"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": false,
      "idempotentHint": false,
      "openWorldHint": true
    }
  },
  {
    "name": "acp_transfer_driver",
    "title": "Have another key drive a session",
    "description": "Have another key drive a session",
    "operation": "transferDriver",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        },
        "targetKeyId": {
          "type": "string",
          "minLength": 1,
          "maxLength": 100,
          "description": "The id of a key that may send here, too."
        },
        "ttlSeconds": {
          "type": "integer",
          "minimum": 1,
          "maximum": 3600,
          "description": "For how long. Default: until when the caller has it."
        },
        "fence": {
          "type": "integer",
          "minimum": 1,
          "description": "The number under which the caller drives."
        }
      },
      "required": [
        "sessionId",
        "targetKeyId"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      },
      "targetKeyId": {
        "place": "body",
        "as": "targetKeyId"
      },
      "ttlSeconds": {
        "place": "body",
        "as": "ttlSeconds"
      },
      "fence": {
        "place": "body",
        "as": "fence"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": false,
      "idempotentHint": false,
      "openWorldHint": true
    }
  },
  {
    "name": "get_swarm",
    "title": "Which sessions live, and which has begun which",
    "description": "Which sessions live, and which has begun which. Sessions that live below those that have begun them, which may have ended: depth first, the newest tree first. A page has so many trees, each of them whole.",
    "operation": "getSwarm",
    "inputSchema": {
      "type": "object",
      "properties": {
        "limit": {
          "type": "integer",
          "minimum": 1,
          "maximum": 200,
          "default": 50
        },
        "after": {
          "type": "string",
          "pattern": "^\\d{1,15}$",
          "description": "`nextCursor` of the page before."
        }
      },
      "additionalProperties": false
    },
    "arguments": {
      "limit": {
        "place": "query",
        "as": "limit"
      },
      "after": {
        "place": "query",
        "as": "after"
      }
    },
    "annotations": {
      "readOnlyHint": true,
      "destructiveHint": false,
      "idempotentHint": true,
      "openWorldHint": false
    }
  },
  {
    "name": "get_status",
    "title": "A session as it is now",
    "description": "A session as it is now",
    "operation": "getSession",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        }
      },
      "required": [
        "sessionId"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      }
    },
    "annotations": {
      "readOnlyHint": true,
      "destructiveHint": false,
      "idempotentHint": true,
      "openWorldHint": false
    }
  },
  {
    "name": "kill_session",
    "title": "End a session for good; it stays readable",
    "description": "End a session for good; it stays readable",
    "operation": "killSession",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        }
      },
      "required": [
        "sessionId"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": true,
      "idempotentHint": true,
      "openWorldHint": false
    }
  },
  {
    "name": "send_message",
    "title": "Send a prompt",
    "description": "Send a prompt",
    "operation": "sendMessage",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        },
        "text": {
          "type": "string",
          "minLength": 1,
          "maxLength": 100000
        },
        "whenBusy": {
          "type": "string",
          "enum": [
            "queue",
            "interrupt",
            "reject"
          ]
        }
      },
      "required": [
        "sessionId",
        "text"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      },
      "text": {
        "place": "body",
        "as": "text"
      },
      "whenBusy": {
        "place": "body",
        "as": "whenBusy"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": false,
      "idempotentHint": false,
      "openWorldHint": true
    }
  },
  {
    "name": "send_command",
    "title": "Send one of its agent's slash commands",
    "description": "Send one of its agent's slash commands. A prompt, but for one thing: a command that the agent has not told of is refused, with the list of those that it has (command-unknown).",
    "operation": "sendCommand",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        },
        "command": {
          "type": "string",
          "maxLength": 100000,
          "pattern": "^\\/?[^\\s/]",
          "description": "With what is said behind it; the slash may be absent."
        }
      },
      "required": [
        "sessionId",
        "command"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      },
      "command": {
        "place": "body",
        "as": "command"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": false,
      "idempotentHint": false,
      "openWorldHint": true
    }
  },
  {
    "name": "approve_permission",
    "title": "Approve what waits",
    "description": "Approve what waits",
    "operation": "approvePermission",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        },
        "approvalId": {
          "type": "string"
        },
        "digest": {
          "type": "string"
        },
        "remember": {
          "type": "boolean",
          "description": "Whether the same call, leading to the same, is allowed in this session from now on. Not where a rule asks or certain people are needed (not-rememberable)."
        }
      },
      "required": [
        "sessionId"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      },
      "approvalId": {
        "place": "body",
        "as": "approvalId"
      },
      "digest": {
        "place": "body",
        "as": "digest"
      },
      "remember": {
        "place": "body",
        "as": "remember"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": true,
      "idempotentHint": false,
      "openWorldHint": true
    }
  },
  {
    "name": "reject_permission",
    "title": "Reject what waits",
    "description": "Reject what waits",
    "operation": "rejectPermission",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        },
        "approvalId": {
          "type": "string"
        },
        "reason": {
          "type": "string",
          "maxLength": 2000
        }
      },
      "required": [
        "sessionId"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      },
      "approvalId": {
        "place": "body",
        "as": "approvalId"
      },
      "reason": {
        "place": "body",
        "as": "reason"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": false,
      "idempotentHint": false,
      "openWorldHint": true
    }
  },
  {
    "name": "interrupt_session",
    "title": "Interrupt the running turn",
    "description": "Interrupt the running turn",
    "operation": "interruptSession",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        }
      },
      "required": [
        "sessionId"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": false,
      "idempotentHint": false,
      "openWorldHint": true
    }
  },
  {
    "name": "get_transcript",
    "title": "The transcript, by stable message ids, newest page first",
    "description": "The transcript, by stable message ids, newest page first",
    "operation": "getTranscriptCursor",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        },
        "beforeId": {
          "type": "integer",
          "minimum": 1
        },
        "limit": {
          "type": "integer",
          "minimum": 1,
          "maximum": 200,
          "default": 50
        },
        "role": {
          "type": "string",
          "enum": [
            "user",
            "assistant",
            "system"
          ]
        }
      },
      "required": [
        "sessionId"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      },
      "beforeId": {
        "place": "query",
        "as": "before_id"
      },
      "limit": {
        "place": "query",
        "as": "limit"
      },
      "role": {
        "place": "query",
        "as": "role"
      }
    },
    "annotations": {
      "readOnlyHint": true,
      "destructiveHint": false,
      "idempotentHint": true,
      "openWorldHint": false
    }
  },
  {
    "name": "state_set",
    "title": "Keep a text under a key",
    "description": "Keep a text under a key. All of the tenant share it, agents too; where `sharing` is `owner`, each user has a memory of their own.",
    "operation": "setMemory",
    "inputSchema": {
      "type": "object",
      "properties": {
        "key": {
          "type": "string",
          "minLength": 1,
          "maxLength": 256,
          "description": "A namespace, a slash and a name: no spaces, nothing that does not show, and no part that is `.` or `..`."
        },
        "value": {
          "type": "string",
          "maxLength": 102400
        },
        "ttlSeconds": {
          "type": "integer",
          "minimum": 1,
          "maximum": 2592000,
          "description": "For how long it is kept; absent: until somebody deletes it."
        }
      },
      "required": [
        "key",
        "value"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "key": {
        "place": "body",
        "as": "key"
      },
      "value": {
        "place": "body",
        "as": "value"
      },
      "ttlSeconds": {
        "place": "body",
        "as": "ttlSeconds"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": false,
      "idempotentHint": false,
      "openWorldHint": true
    }
  },
  {
    "name": "state_get",
    "title": "What is kept under a key",
    "description": "What is kept under a key",
    "operation": "getMemory",
    "inputSchema": {
      "type": "object",
      "properties": {
        "key": {
          "type": "string",
          "description": "The whole key, `namespace/name`; its slashes may stay as they are."
        }
      },
      "required": [
        "key"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "key": {
        "place": "path",
        "as": "key"
      }
    },
    "annotations": {
      "readOnlyHint": true,
      "destructiveHint": false,
      "idempotentHint": true,
      "openWorldHint": false
    }
  },
  {
    "name": "state_delete",
    "title": "Forget what is kept under a key",
    "description": "Forget what is kept under a key",
    "operation": "deleteMemory",
    "inputSchema": {
      "type": "object",
      "properties": {
        "key": {
          "type": "string",
          "description": "The whole key, `namespace/name`; its slashes may stay as they are."
        }
      },
      "required": [
        "key"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "key": {
        "place": "path",
        "as": "key"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": false,
      "idempotentHint": true,
      "openWorldHint": false
    }
  },
  {
    "name": "create_pipeline",
    "title": "Run stages one after the other, each as a session of its own",
    "description": "Run stages one after the other, each as a session of its own. Answers when the pipeline is kept; its stages begin by themselves, as soon as those are over that they depend on, also after a restart. It takes session.create besides.",
    "operation": "createPipeline",
    "inputSchema": {
      "type": "object",
      "properties": {
        "name": {
          "type": "string",
          "minLength": 1,
          "maxLength": 97
        },
        "workDir": {
          "type": "string",
          "minLength": 1,
          "maxLength": 4096,
          "description": "Where its stages work that do not say so themselves."
        },
        "permissionMode": {
          "type": "string",
          "enum": [
            "default",
            "plan",
            "acceptEdits",
            "bypassPermissions",
            "dontAsk",
            "auto"
          ],
          "description": "Of its stages that do not say so themselves."
        },
        "stages": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 100,
                "pattern": "^[^{}\\r\\n]+$",
                "description": "Each has one of its own.",
                "example": "review"
              },
              "prompt": {
                "type": "string",
                "minLength": 1,
                "maxLength": 100000,
                "description": "`{{stages.NAME.output}}` stands for the last words of that stage, which has to be one that this one depends on, itself or by way of others. It may be absent where a template says it."
              },
              "workDir": {
                "type": "string",
                "minLength": 1,
                "maxLength": 4096,
                "description": "Default: the pipeline's."
              },
              "agent": {
                "type": "string",
                "minLength": 1,
                "maxLength": 100
              },
              "permissionMode": {
                "type": "string",
                "enum": [
                  "default",
                  "plan",
                  "acceptEdits",
                  "bypassPermissions",
                  "dontAsk",
                  "auto"
                ],
                "description": "Default: the pipeline's, else the server's."
              },
              "model": {
                "type": "string",
                "minLength": 1,
                "maxLength": 200
              },
              "effort": {
                "type": "string",
                "minLength": 1,
                "maxLength": 200,
                "description": "How much its agent thinks, in the agent's own words, as it offers them.",
                "example": "high"
              },
              "labels": {
                "type": "object",
                "additionalProperties": {
                  "type": "string",
                  "maxLength": 200
                }
              },
              "template": {
                "type": "string",
                "minLength": 1,
                "maxLength": 100,
                "description": "The id of a template, as it is now. What is said here takes the place of what it says."
              },
              "variables": {
                "type": "object",
                "additionalProperties": {
                  "type": "string",
                  "maxLength": 100000
                },
                "description": "What the template leaves open."
              },
              "dependsOn": {
                "type": "array",
                "items": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 100,
                  "pattern": "^[^{}\\r\\n]+$"
                },
                "maxItems": 50,
                "description": "The stages that have to be over before. Default: none, it begins at once."
              },
              "onFailure": {
                "type": "string",
                "enum": [
                  "stop",
                  "continue",
                  "retry"
                ],
                "description": "What follows when it fails. `stop` (default): no other stage begins, and the pipeline has failed. `continue`: those that depend on it go on. `retry`: it is tried again, then as `stop`."
              },
              "retries": {
                "type": "integer",
                "minimum": 1,
                "maximum": 10,
                "description": "Of `retry`: how often. Default: once."
              }
            },
            "required": [
              "name"
            ],
            "additionalProperties": false
          },
          "minItems": 1,
          "maxItems": 50
        }
      },
      "required": [
        "name",
        "stages"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "name": {
        "place": "body",
        "as": "name"
      },
      "workDir": {
        "place": "body",
        "as": "workDir"
      },
      "permissionMode": {
        "place": "body",
        "as": "permissionMode"
      },
      "stages": {
        "place": "body",
        "as": "stages"
      }
    },
    "annotations": {
      "readOnlyHint": false,
      "destructiveHint": false,
      "idempotentHint": false,
      "openWorldHint": true
    }
  },
  {
    "name": "list_pipelines",
    "title": "Pipelines, newest first",
    "description": "Pipelines, newest first",
    "operation": "listPipelines",
    "inputSchema": {
      "type": "object",
      "properties": {
        "limit": {
          "type": "integer",
          "minimum": 1,
          "maximum": 200,
          "default": 50
        },
        "after": {
          "type": "string",
          "pattern": "^\\d{1,15}$",
          "description": "`nextCursor` of the page before."
        },
        "state": {
          "type": "string",
          "enum": [
            "running",
            "completed",
            "failed",
            "cancelled"
          ]
        }
      },
      "additionalProperties": false
    },
    "arguments": {
      "limit": {
        "place": "query",
        "as": "limit"
      },
      "after": {
        "place": "query",
        "as": "after"
      },
      "state": {
        "place": "query",
        "as": "status"
      }
    },
    "annotations": {
      "readOnlyHint": true,
      "destructiveHint": false,
      "idempotentHint": true,
      "openWorldHint": false
    }
  },
  {
    "name": "get_session_metrics",
    "title": "What a session has done so far, in numbers",
    "description": "What a session has done so far, in numbers",
    "operation": "getSessionMetrics",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        }
      },
      "required": [
        "sessionId"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      }
    },
    "annotations": {
      "readOnlyHint": true,
      "destructiveHint": false,
      "idempotentHint": true,
      "openWorldHint": false
    }
  },
  {
    "name": "get_session_latency",
    "title": "How long things took in a session",
    "description": "How long things took in a session",
    "operation": "getSessionLatency",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        }
      },
      "required": [
        "sessionId"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      }
    },
    "annotations": {
      "readOnlyHint": true,
      "destructiveHint": false,
      "idempotentHint": true,
      "openWorldHint": false
    }
  },
  {
    "name": "get_session_summary",
    "title": "A session's transcript in short",
    "description": "A session's transcript in short. What it was asked first and last, what its agent said last, and what it did on the way.",
    "operation": "getSessionSummary",
    "inputSchema": {
      "type": "object",
      "properties": {
        "sessionId": {
          "type": "string",
          "description": "The session's id."
        }
      },
      "required": [
        "sessionId"
      ],
      "additionalProperties": false
    },
    "arguments": {
      "sessionId": {
        "place": "path",
        "as": "id"
      }
    },
    "annotations": {
      "readOnlyHint": true,
      "destructiveHint": false,
      "idempotentHint": true,
      "openWorldHint": false
    }
  }
] as const
