# The twin of ru.ftl: the same keys with the same values put in.

## Refusals: why something was not done

refusal = That was not done (code { $code }). Please try again or ask the administrator.
refusal-DAY_NOT_OPEN = The working day is not open yet.
refusal-DAY_ALREADY_OPEN = The working day is open already.
refusal-DAY_CLOSED = The working day is over and the branch is closed.
refusal-DAY_STILL_BUSY = Window { $window } is still serving somebody. Finish there, then close the day.
refusal-INTAKE_PAUSED = No tickets are given out at the moment. Please ask the staff.
refusal-INTAKE_NOT_PAUSED = Giving out tickets was not paused.
refusal-QUOTA_REACHED = { $scope ->
    [service] There are no more tickets for this service today. Please ask the staff.
   *[all] There are no more tickets for today. Please ask the staff.
}
refusal-NO_SERVICE = Please choose a service.
refusal-UNKNOWN_SERVICE = There is no such service here: { $service }.
refusal-UNKNOWN_CLASS = There is no such group of visitors: { $class }.
refusal-CLASS_NOT_OFFERED = This group cannot be chosen here. Please ask the staff.
refusal-UNKNOWN_REASON = This reason is not on the list: { $reason }.
refusal-REASON_REQUIRED = Please give a reason.
refusal-BOOKING_HAS_TICKET = This booking already has a ticket.
refusal-UNKNOWN_TICKET = The ticket was not found.
refusal-WRONG_STATE = This cannot be done now: ticket { $number } { $state ->
    [expected] is waiting for the visitor to arrive
    [waiting] is waiting in the queue
    [called] has been called
    [serving] is being served
    [parked] is on hold
    [no_show] is marked as a no-show
    [completed] has been served already
    [refused] was closed with a refusal
    [cancelled] was cancelled
    [abandoned] is closed: the visitor left
    [expired] was closed at the end of the day
   *[other] is in another state
}.
refusal-ALREADY_CALLED = Ticket { $number } has already been called to window { $window }.
refusal-TICKET_CLOSED = Ticket { $number } is closed already.
refusal-UNKNOWN_WINDOW = There is no such window: { $window }.
refusal-WINDOW_NOT_OPEN = Window { $window } is not open.
refusal-WINDOW_TAKEN = Somebody else is working at window { $window }.
refusal-WINDOW_PAUSED = Window { $window } is on a break. End the break first.
refusal-WINDOW_NOT_PAUSED = Window { $window } is not on a break.
refusal-WINDOW_BUSY = Window { $window } still has ticket { $number }. Finish with it first.
refusal-NOT_YOUR_WINDOW = Window { $window } belongs to another member of staff.
refusal-OPERATOR_ELSEWHERE = You already work at window { $window }. Close it first.
refusal-OPERATOR_ABSENT = This colleague is not at a window now.
refusal-SERVICE_NOT_GIVEN = Window { $window } does not give this service: { $service }.
refusal-NOBODY_WAITING = Nobody is waiting for your window.
refusal-RESERVED_FOR_BOOKING = The window is kept free: somebody with a booking is due any moment.
refusal-PINNED_ELSEWHERE = Ticket { $number } is waiting for another window or another person.
refusal-RECALL_TOO_EARLY = You can repeat the call in { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}.
refusal-TOO_MANY_CALLS = It cannot be called again: there { $max ->
    [one] has been { $max } call
   *[other] have been { $max } calls
}.
refusal-NO_SHOW_TOO_EARLY = It is too early for a no-show. { $calls ->
    [0] { "" }
    [one] { $calls } more call is needed.{ " " }
   *[other] { $calls } more calls are needed.{ " " }
}{ $seconds ->
    [0] { "" }
    [one] Wait { $seconds } more second.
   *[other] Wait { $seconds } more seconds.
}
refusal-GRACE_OVER = Time is up, ticket { $number } cannot go back into the queue. Issue a new one.
refusal-TRANSFER_NOWHERE = Choose where to send it: a service, a window or a person.
refusal-NOTHING_TO_UNDO = There is nothing to undo.
refusal-UNDO_TOO_LATE = Too late to undo: the time for it is over.
refusal-UNDO_OVERTAKEN = It cannot be undone: something has happened since.
refusal-UNDO_NOT_YOURS = That was somebody else's step; only they can undo it.
refusal-NO_SUCH_ALERT = This alert is no longer there.
refusal-MALFORMED = This is not filled in correctly: { $what }.
refusal-ALREADY_EXISTS = This exists already and cannot be made twice: { $what }.
refusal-UNKNOWN = Not found: { $what }.
refusal-STILL_IN_USE = Still in use, free it first: { $what }.
refusal-LAST_ADMINISTRATOR = This is the last chief administrator. Appoint another one first.
refusal-OWN_ACCOUNT = Change your own password and two-step sign-in on your own page, where your password is asked for. Another administrator changes your e-mail.
refusal-MORE_THAN_YOURS = You can only give or change what you have yourself: { $what }.
refusal-LAST_CONTACT = This is the last way to reach you, and without it you could not sign in. Add another one first, or delete your account.
refusal-TOO_MANY_CONTACTS = No more contacts can be added: { $max } at most.
refusal-SETTINGS_MOVED = Somebody else changed the settings meanwhile. Reload the page and make your change again.
refusal-WRONG_SETTINGS = The settings were not published: there { $count ->
    [one] is { $count } error
   *[other] are { $count } errors
} in them.
refusal-DAY_IS_LIVE = This day already has live tickets; history cannot be imported into it.
refusal-COMMAND_ID_REUSED = This request number was already used for something else.
refusal-CONTENDED = Very much is happening at once. Please try again.

## Signing in and access

refusal-WRONG_DETAILS = Wrong details. Check the address and the password.
refusal-SESSION_ENDED = You have been signed out. Please sign in again.
refusal-TOO_MANY_ATTEMPTS = Too many attempts. Wait { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
} and try again.
refusal-DEVICE_UNKNOWN = This device is not connected. Enter the code the administrator gives you.
refusal-PAIRING_UNKNOWN = The code does not fit or is out of date. Ask for a new one.
refusal-SETUP_DONE = The link was used already or is wrong. Sign in with your address and password.
refusal-WEAK_PASSWORD = This password does not do. It needs { $min } to { $max } characters, and must be hard to guess.
refusal-WRONG_PASSWORD = The password is wrong.
refusal-WRONG_CODE = The code is wrong or was used already. Enter a new one.
refusal-SECOND_FACTOR_REQUIRED = Two-step sign-in is required here and cannot be switched off.
refusal-CHALLENGE_ENDED = The time to enter the code is over. Please sign in again.
refusal-NOT_VOUCHED_FOR = The organisation's sign-in did not work out. Please ask an administrator.
refusal-WAY_OFF = This way to sign in is not set up.
refusal-QR_WAITING = The sign-in has not been confirmed on the phone yet.
refusal-QR_ENDED = The code is no longer valid. Please get a new one.
refusal-LINK_VOID = The link is no longer valid: it was used or is too old. Ask for a new one.
refusal-FORBIDDEN = You are not allowed to do this.
refusal-UNAUTHENTICATED = Please sign in.
refusal-MAIL_OFF = Mail is not set up: the letter cannot be sent.
refusal-SMS_OFF = SMS are not set up.
refusal-CROSS_SITE = The request came from another site and was refused.

## Failures and limits

refusal-NOT_FOUND = There is no such page.
refusal-TICKET_UNKNOWN = The ticket was not found. Check the link or take a new ticket.
refusal-METHOD_NOT_ALLOWED = This address cannot be used that way.
refusal-UNAVAILABLE = That did not work just now. Please try again: it will not be done twice.
refusal-TOO_LARGE = The request is too large.
refusal-TOO_COMPLEX = The request is too complex.
refusal-OVERLOADED = Too many people are asking at once. Please try again in a moment.
refusal-PROOF_REQUIRED = One moment: your browser has to solve a small puzzle first.
refusal-TOO_MANY_REQUESTS = Too many requests. Please wait a little.
refusal-TIMED_OUT = The answer took too long. Please try again.
refusal-INTERNAL = Something went wrong on our side. The request number will help to find it.

## What it is about: put into refusals

thing-version = version of the text
thing-after = position
thing-body = body of the request
thing-branch = branch
thing-branches = branches
thing-businessDay = business day
thing-calling = rules of calling
thing-class = group of visitors
thing-code = code
thing-consent = consent
thing-contact = contact
thing-customer = customer
thing-device = device
thing-effectiveFrom = time of taking effect
thing-email = e-mail address
thing-emergency = emergency group
thing-fields = list of fields
thing-file = file
thing-group = group of services
thing-hours = opening hours
thing-how = way of arriving
thing-idempotency-key = request number
thing-kind = kind of device
thing-kinds = kinds of events
thing-label = label of the window
thing-language = language
thing-languages = languages
thing-letter = letter
thing-level = level
thing-location = place on the map (latitude and longitude)
thing-messenger = messenger account
thing-n = place in the queue
thing-name = name
thing-normSeconds = norm of time
thing-operator = member of staff
thing-p80Seconds = time of service
thing-partySize = number of visitors
thing-password = password
thing-permissions = permissions
thing-position = position
thing-positions = positions
thing-postalCode = postal code
thing-phone = phone number
thing-problems = what is wrong at the device
thing-purpose = purpose of use
thing-secondFactor = second factor
thing-quantity = quantity
thing-reason = reason
thing-reasonCode = reason
thing-region = region
thing-regions = regions
thing-request = request
thing-role = role
thing-roles = roles
thing-scope = where the role holds
thing-service = service
thing-services = services
thing-skills = skills
thing-staff = member of staff
thing-text = text
thing-ticker = ticker
thing-ticketId = ticket
thing-timeZone = time zone
thing-times = times of service
thing-url = address
thing-webhook = subscription
thing-window = window
thing-windows = windows

## Faults of a branch's settings

fault-EMPTY = Fill this in.
fault-TOO_LONG = Too long.
fault-TOO_MANY = Too many.
fault-REPEATED = There is one already.
fault-UNKNOWN = There is no such thing.
fault-OUT_OF_RANGE = This number is not possible.
fault-OUT_OF_ORDER = The times are out of order: opening before closing, one interval after the other.
fault-WRONG_FORM = Please check how this is written: something is missing or does not belong here.
fault-UNREADABLE = This value cannot be read.

## Rows of files that were not brought in

row-MISSING = Not filled in: { $column }.
row-UNREADABLE = Cannot be read: { $column }.

## Opening hours that could not be read

hours-NO_HOURS = There are no opening hours here.
hours-UNKNOWN_WORD = “{ $text }” is not understood.
hours-NO_DAYS = No days are named before “{ $text }”.
hours-NOT_A_TIME = “{ $text }” is no time.
hours-BACKWARDS = It closes before it opens: “{ $text }”.
hours-TWICE = This day was named before, and which of the two counts is not clear: “{ $text }”.
hours-BREAK_OUTSIDE = The break does not lie within the hours: “{ $text }”.
hours-UNFINISHED = Not finished: “{ $text }…”.

## Why this ticket was called

decision-earliest_due = Ticket { $number } is due first: at { $due }. There were { $candidates } to choose from.
decision-class = Ticket { $number } has priority: it is due at { $due }, before the others. There were { $candidates } to choose from.
decision-booking = Ticket { $number } is booked for { $slot } and due at { $due }. There were { $candidates } to choose from.
decision-emergency = Ticket { $number } is an emergency: those go first. Reason: { $reason }.
decision-fifo = Ticket { $number } has waited longest; the queue goes by arrival. There were { $candidates } to choose from.
decision-picked = Ticket { $number } was chosen by hand; in order it was number { $rank }. Reason: { $reason }.
decision-direct = Ticket { $number } was waiting for this very window or person.
decision-only_one = Ticket { $number } was the only one this window could call.

## The paper ticket

ticket-title = Ticket
ticket-service = Service
ticket-class = Group
ticket-issued = Issued { $time }
ticket-ahead = { $count ->
    [0] Nobody is ahead of you
    [one] { $count } person is ahead of you
   *[other] { $count } people are ahead of you
}
ticket-wait = The wait is usually up to { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
ticket-follow = Follow the queue with this code
ticket-keep = Please keep this ticket until you have been served

## Letters and messages

letter-recovery-subject = A new password to sign in
letter-recovery-body =
    Hello!

    Somebody, most likely you, asked for a new password for the queue. Please choose it here:

    { $link }

    The link works for 30 minutes and once. If you did not ask for anything, do nothing: the password stays as it is.
letter-invitation-subject = An invitation to the queue
letter-invitation-body =
    Hello { $name }!

    You have been added to the queue. To sign in, choose a password here:

    { $link }

    The link works once. If you did not expect this letter, simply delete it.
letter-code-subject = { $code } is your code to sign in
letter-code-body =
    Your code to sign in:

    { $code }

    It is good for 5 minutes. Do not tell it to anybody: staff never ask for it. If you did not sign in, do nothing.
letter-contact-subject = { $code } is the code to confirm your address
letter-contact-body =
    This address is being added to a visitor's account. The code to confirm it:

    { $code }

    It is good for 5 minutes. Do not tell it to anybody: staff never ask for it. If it is not you who adds the address, do nothing.
letter-password_changed-subject = Your password was changed
letter-password_changed-body =
    Hello!

    Your password for the queue has just been changed, and other sessions were ended.

    If that was not you, tell the administrator at once.
letter-second_factor_added-subject = Two-step sign-in is switched on
letter-second_factor_added-body =
    Hello!

    Two-step sign-in has just been switched on for your account in the queue, and other sessions were ended.

    If that was not you, tell the administrator at once.
letter-second_factor_removed-subject = Two-step sign-in is switched off
letter-second_factor_removed-body =
    Hello!

    Two-step sign-in has just been switched off for your account in the queue, and other sessions were ended.

    If that was not you, tell the administrator at once.
letter-second_factor_reset-subject = An administrator has switched off your two-step sign-in
letter-second_factor_reset-body =
    Hello!

    An administrator has just switched off two-step sign-in for your account in the queue, and every session was ended. Please set it up anew when you have signed in.

    If you did not ask for that, tell another administrator at once.
letter-address_changed-subject = Your account has another e-mail
letter-address_changed-body =
    Hello!

    Your account in the queue has just been given another e-mail. This one does not open it any more.

    If you know nothing of that, tell the administrator at once.
text-code = { $code } is your code to sign in. Do not tell it to anybody.
text-contact = { $code } is the code to add this number. Do not tell it to anybody.

## Roles and permissions
role-operator = Operator
role-head = Branch head
role-admin = Chief administrator
role-analyst = Analyst
role-auditor = Auditor
permission-OPEN_PAGE = Open pages
permission-READ_ME = See who is signed in
permission-READ_BRANCH = Read about a branch
permission-READ_BOARD = Watch the board
permission-READ_CLOSED_BRANCH = See branches that are not public
permission-READ_OWN_TICKET = Read a ticket by its code
permission-READ_QUEUE = See the live queue and the windows
permission-READ_TICKETS = Read lists of tickets
permission-READ_DECISION = See why a ticket was called
permission-READ_HISTORY = Read the journal of events
permission-READ_STATISTICS = Read statistics
permission-READ_NOTES = Read notes about a visit
permission-READ_STAFF_NAMES = See names of staff
permission-READ_TICKET_TOKEN = Get the code of a ticket
permission-READ_ALERTS = See alerts
permission-ISSUE_TICKET = Issue tickets
permission-ARRIVE_TICKET = Mark that a visitor has come
permission-CALL_CUSTOMERS = Call visitors
permission-PICK_TICKET = Call out of turn
permission-SERVE_CUSTOMERS = Serve visitors
permission-ADD_NOTES = Write notes about a visit
permission-REPRIORITISE = Change a visitor's group
permission-UNDO_STEP = Undo one's own last step
permission-ACKNOWLEDGE_ALERTS = Acknowledge alerts
permission-WORK_AT_WINDOW = Work at one's window
permission-TAKE_OVER_WINDOW = Take over a window left open
permission-MANAGE_WINDOWS = Manage windows of others
permission-OPEN_DAY = Open the working day
permission-MANAGE_DAY = Pause intake and close the day
permission-MANAGE_BRANCH = Set a branch up
permission-MANAGE_DEVICES = Connect and disconnect devices
permission-READ_STAFF = See the staff of one's branches
permission-READ_STRUCTURE = See regions, positions and roles
permission-ASSIGN_SKILLS = Assign skills and positions
permission-MANAGE_STAFF = Manage staff and their roles
permission-MANAGE_ROLES = Make and change roles
permission-MANAGE_STRUCTURE = Manage regions and positions
permission-MANAGE_CATALOGUE = Manage services and branches
permission-SEND_HEARTBEAT = Say that a device is alive
permission-READ_METRICS = Read figures of the server
permission-OWN_ACCOUNT = Manage one's own sign-in and password
permission-TAKE_TICKET = Take a ticket for oneself
permission-MANAGE_OWN_ACCOUNT = Manage one's own data and consents
permission-READ_CONSENT_TEXTS = Read the texts of consents
permission-MANAGE_CONSENT_TEXTS = Publish the texts of consents
permission-FIND_CUSTOMERS = Find a customer by a contact
permission-REVEAL_PERSONAL_DATA = See personal data for a stated reason
permission-ERASE_CUSTOMERS = Erase a customer's data
permission-MANAGE_INTEGRATIONS = Manage links to other systems
