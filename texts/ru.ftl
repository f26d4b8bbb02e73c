# Русский текст — исходный. Обращение на «вы»; фразу поймут усталый оператор и пожилой посетитель.
# Каждому ключу отвечает такой же ключ в en.ftl с теми же подстановками.

## Отказы: почему действие не выполнено

refusal = Действие не выполнено (код { $code }). Попробуйте ещё раз или обратитесь к администратору.
refusal-DAY_NOT_OPEN = Рабочий день ещё не открыт.
refusal-DAY_ALREADY_OPEN = Рабочий день уже открыт.
refusal-DAY_CLOSED = Рабочий день закончен, приём закрыт.
refusal-DAY_STILL_BUSY = В окне { $window } ещё идёт приём. Закончите его, а затем закройте день.
refusal-INTAKE_PAUSED = Выдача талонов приостановлена. Пожалуйста, обратитесь к сотруднику.
refusal-INTAKE_NOT_PAUSED = Выдача талонов не была приостановлена.
refusal-QUOTA_REACHED = { $scope ->
    [service] На сегодня талоны на эту услугу закончились. Пожалуйста, обратитесь к сотруднику.
   *[all] На сегодня талоны закончились. Пожалуйста, обратитесь к сотруднику.
}
refusal-NO_SERVICE = Пожалуйста, выберите услугу.
refusal-UNKNOWN_SERVICE = Такой услуги здесь нет: { $service }.
refusal-UNKNOWN_CLASS = Такой категории посетителей нет: { $class }.
refusal-CLASS_NOT_OFFERED = Эту категорию нельзя выбрать здесь. Пожалуйста, обратитесь к сотруднику.
refusal-UNKNOWN_REASON = Такой причины нет в списке: { $reason }.
refusal-REASON_REQUIRED = Укажите причину.
refusal-BOOKING_HAS_TICKET = По этой записи талон уже выдан.
refusal-UNKNOWN_TICKET = Талон не найден.
refusal-WRONG_STATE = Сейчас этого сделать нельзя: талон { $number } { $state ->
    [expected] ещё ждёт прихода посетителя
    [waiting] ждёт в очереди
    [called] вызван
    [serving] на приёме
    [parked] отложен
    [no_show] отмечен как неявка
    [completed] уже обслужен
    [refused] закрыт отказом
    [cancelled] отменён
    [abandoned] закрыт: посетитель ушёл
    [expired] закрыт в конце дня
   *[other] в другом состоянии
}.
refusal-ALREADY_CALLED = Талон { $number } уже вызван в окно { $window }.
refusal-TICKET_CLOSED = Талон { $number } уже закрыт.
refusal-UNKNOWN_WINDOW = Такого окна нет: { $window }.
refusal-WINDOW_NOT_OPEN = Окно { $window } не открыто.
refusal-WINDOW_TAKEN = Окно { $window } занято другим сотрудником.
refusal-WINDOW_PAUSED = В окне { $window } перерыв. Сначала закончите перерыв.
refusal-WINDOW_NOT_PAUSED = В окне { $window } нет перерыва.
refusal-WINDOW_BUSY = В окне { $window } ещё открыт талон { $number }. Сначала закончите с ним.
refusal-NOT_YOUR_WINDOW = За окном { $window } работает другой сотрудник.
refusal-OPERATOR_ELSEWHERE = Вы уже работаете в окне { $window }. Сначала закройте его.
refusal-OPERATOR_ABSENT = Этот сотрудник сейчас не за окном.
refusal-SERVICE_NOT_GIVEN = В окне { $window } эту услугу не оказывают: { $service }.
refusal-NOBODY_WAITING = Никого нет: для вашего окна посетителей в очереди нет.
refusal-RESERVED_FOR_BOOKING = Окно придержано: вот-вот подойдёт время посетителя по записи.
refusal-PINNED_ELSEWHERE = Талон { $number } ждёт другое окно или другого сотрудника.
refusal-RECALL_TOO_EARLY = Повторить вызов можно через { $seconds ->
    [one] { $seconds } секунду
    [few] { $seconds } секунды
   *[many] { $seconds } секунд
}.
refusal-TOO_MANY_CALLS = Больше вызывать нельзя: { $max ->
    [one] был { $max } вызов
    [few] было { $max } вызова
   *[many] было { $max } вызовов
}.
refusal-NO_SHOW_TOO_EARLY = Неявку отмечать рано. { $calls ->
    [0] { "" }
    [one] Нужен ещё { $calls } вызов.{ " " }
    [few] Нужно ещё { $calls } вызова.{ " " }
   *[many] Нужно ещё { $calls } вызовов.{ " " }
}{ $seconds ->
    [0] { "" }
    [one] Подождите ещё { $seconds } секунду.
    [few] Подождите ещё { $seconds } секунды.
   *[many] Подождите ещё { $seconds } секунд.
}
refusal-GRACE_OVER = Время вышло, вернуть талон { $number } в очередь уже нельзя. Выдайте новый.
refusal-TRANSFER_NOWHERE = Выберите, куда передать: услугу, окно или сотрудника.
refusal-NOTHING_TO_UNDO = Отменять нечего.
refusal-UNDO_TOO_LATE = Отменить уже нельзя: время на отмену вышло.
refusal-UNDO_OVERTAKEN = Отменить уже нельзя: после этого произошло что-то ещё.
refusal-UNDO_NOT_YOURS = Это действие другого сотрудника, отменить его может только он.
refusal-NO_SUCH_ALERT = Этого предупреждения уже нет.
refusal-MALFORMED = Неверно указано: { $what }.
refusal-ALREADY_EXISTS = Уже есть, второй раз завести нельзя: { $what }.
refusal-UNKNOWN = Не найдено: { $what }.
refusal-STILL_IN_USE = Сначала освободите, этим ещё пользуются: { $what }.
refusal-LAST_ADMINISTRATOR = Это последний главный администратор. Сначала назначьте другого.
refusal-OWN_ACCOUNT = Свой пароль и вход в два шага меняют на своей странице, где спрашивают пароль. Свой адрес меняет другой администратор.
refusal-MORE_THAN_YOURS = Нельзя дать или изменить то, чего нет у вас самих: { $what }.
refusal-LAST_CONTACT = Это последний способ связи с вами, без него вы не сможете войти. Сначала добавьте другой или удалите учётную запись.
refusal-TOO_MANY_CONTACTS = Больше контактов добавить нельзя, можно не более { $max }.
refusal-SETTINGS_MOVED = Настройки за это время изменил кто-то другой. Обновите страницу и внесите правку ещё раз.
refusal-WRONG_SETTINGS = Настройки не опубликованы, в них { $count ->
    [one] { $count } ошибка
    [few] { $count } ошибки
   *[many] { $count } ошибок
}.
refusal-DAY_IS_LIVE = За этот день уже есть живые талоны, историю сюда загрузить нельзя.
refusal-COMMAND_ID_REUSED = Этот номер запроса уже использован для другого действия.
refusal-CONTENDED = Сейчас очень много действий сразу. Пожалуйста, повторите.

## Вход и доступ

refusal-WRONG_DETAILS = Неверные данные. Проверьте адрес и пароль.
refusal-SESSION_ENDED = Вход закончился. Пожалуйста, войдите снова.
refusal-TOO_MANY_ATTEMPTS = Слишком много попыток. Подождите { $seconds ->
    [one] { $seconds } секунду
    [few] { $seconds } секунды
   *[many] { $seconds } секунд
} и попробуйте снова.
refusal-DEVICE_UNKNOWN = Это устройство не подключено. Введите код, который даст администратор.
refusal-PAIRING_UNKNOWN = Код не подходит или уже устарел. Попросите новый.
refusal-SETUP_DONE = Ссылка уже использована или неверна. Войдите с адресом и паролем.
refusal-WEAK_PASSWORD = Такой пароль не подойдёт. Нужно от { $min } до { $max } знаков, и чтобы его было трудно подобрать.
refusal-WRONG_PASSWORD = Пароль не подходит.
refusal-WRONG_CODE = Код не подходит или уже использован. Введите новый.
refusal-SECOND_FACTOR_REQUIRED = Вход в два шага здесь обязателен, выключить его нельзя.
refusal-CHALLENGE_ENDED = Время на ввод кода вышло. Войдите ещё раз.
refusal-NOT_VOUCHED_FOR = Вход через организацию не удался. Обратитесь к администратору.
refusal-WAY_OFF = Этот способ входа не настроен.
refusal-QR_WAITING = Вход ещё не подтверждён на телефоне.
refusal-QR_ENDED = Код уже не действует. Получите новый.
refusal-LINK_VOID = Ссылка не действует: она использована или устарела. Запросите новую.
refusal-FORBIDDEN = У вас нет права на это действие.
refusal-UNAUTHENTICATED = Пожалуйста, войдите.
refusal-MAIL_OFF = Почта не настроена: письмо отправить нельзя.
refusal-SMS_OFF = Отправка SMS не настроена.
refusal-CROSS_SITE = Запрос пришёл с другого сайта и отклонён.

## Сбои и пределы

refusal-NOT_FOUND = Такой страницы нет.
refusal-TICKET_UNKNOWN = Талон не найден. Проверьте ссылку или возьмите новый талон.
refusal-METHOD_NOT_ALLOWED = Так к этому адресу обращаться нельзя.
refusal-UNAVAILABLE = Сейчас не получилось. Пожалуйста, повторите: дважды действие не выполнится.
refusal-TOO_LARGE = Слишком большой запрос.
refusal-TOO_COMPLEX = Слишком сложный запрос.
refusal-OVERLOADED = Сейчас слишком много обращений. Попробуйте ещё раз через минуту.
refusal-PROOF_REQUIRED = Одну минуту: сначала браузер должен решить небольшую задачу.
refusal-TOO_MANY_REQUESTS = Слишком много запросов. Подождите немного.
refusal-TIMED_OUT = Ответ занял слишком много времени. Пожалуйста, повторите.
refusal-INTERNAL = Произошла ошибка на нашей стороне. Номер запроса поможет её найти.

## О чём речь: подставляется в отказы

thing-version = номер редакции текста
thing-after = позиция
thing-body = тело запроса
thing-branch = отделение
thing-branches = отделения
thing-businessDay = рабочий день
thing-calling = правила вызова
thing-class = категория посетителей
thing-code = код
thing-consent = согласие
thing-contact = способ связи
thing-customer = клиент
thing-device = устройство
thing-effectiveFrom = время начала действия
thing-email = адрес электронной почты
thing-emergency = экстренная категория
thing-fields = список данных
thing-file = файл
thing-group = группа услуг
thing-hours = часы работы
thing-how = способ прихода
thing-idempotency-key = номер запроса
thing-kind = вид устройства
thing-kinds = виды событий
thing-label = название окна
thing-language = язык
thing-languages = языки
thing-letter = буква
thing-level = уровень
thing-location = место на карте (широта и долгота)
thing-messenger = учётная запись мессенджера
thing-n = место в очереди
thing-name = имя или название
thing-normSeconds = норма времени
thing-operator = сотрудник
thing-p80Seconds = время обслуживания
thing-partySize = число посетителей
thing-password = пароль
thing-permissions = права
thing-position = должность
thing-positions = должности
thing-postalCode = почтовый индекс
thing-phone = номер телефона
thing-problems = неполадки устройства
thing-purpose = цель обработки данных
thing-secondFactor = второй фактор
thing-quantity = количество
thing-reason = причина
thing-reasonCode = причина
thing-region = регион
thing-regions = регионы
thing-request = запрос
thing-role = роль
thing-roles = роли
thing-scope = где действует роль
thing-service = услуга
thing-services = услуги
thing-skills = умения
thing-staff = сотрудник
thing-text = текст
thing-ticker = бегущая строка
thing-ticketId = талон
thing-timeZone = часовой пояс
thing-times = время обслуживания
thing-url = адрес
thing-webhook = подписка
thing-window = окно
thing-windows = окна

## Ошибки в настройках отделения

fault-EMPTY = Заполните это поле.
fault-TOO_LONG = Слишком длинно.
fault-TOO_MANY = Слишком много.
fault-REPEATED = Такое уже есть.
fault-UNKNOWN = Такого нет.
fault-OUT_OF_RANGE = Недопустимое число.
fault-OUT_OF_ORDER = Время идёт не по порядку: открытие раньше закрытия, промежутки один за другим.
fault-WRONG_FORM = Проверьте, как это написано: здесь лишние знаки или чего-то не хватает.
fault-UNREADABLE = Это значение не читается.

## Строки файлов, которые не загружены

row-MISSING = Не заполнено: { $column }.
row-UNREADABLE = Не читается: { $column }.

## Часы работы, которые не удалось прочитать

hours-NO_HOURS = Здесь нет часов работы.
hours-UNKNOWN_WORD = Непонятно: «{ $text }».
hours-NO_DAYS = Перед «{ $text }» не названы дни.
hours-NOT_A_TIME = «{ $text }» — не время.
hours-BACKWARDS = Закрытие раньше открытия: «{ $text }».
hours-TWICE = Этот день уже назван, и неясно, что верно: «{ $text }».
hours-BREAK_OUTSIDE = Перерыв не попадает в часы работы: «{ $text }».
hours-UNFINISHED = Не дописано: «{ $text }…».

## Почему вызван этот талон

decision-earliest_due = Срок талона { $number } наступает раньше всех: в { $due }. Выбирали из { $candidates }.
decision-class = У талона { $number } льгота: его срок в { $due }, раньше остальных. Выбирали из { $candidates }.
decision-booking = Талон { $number } по записи на { $slot }, его срок в { $due }. Выбирали из { $candidates }.
decision-emergency = Талон { $number } экстренный: такие идут первыми. Причина: { $reason }.
decision-fifo = Талон { $number } ждёт дольше всех, очередь идёт по порядку прихода. Выбирали из { $candidates }.
decision-picked = Талон { $number } выбран вручную, он был { $rank }-м по порядку. Причина: { $reason }.
decision-direct = Талон { $number } ждал именно это окно или этого сотрудника.
decision-only_one = Талон { $number } — единственный, кого могло вызвать это окно.

## Бумажный талон

ticket-title = Талон
ticket-service = Услуга
ticket-class = Категория
ticket-issued = Выдан { $time }
ticket-ahead = { $count ->
    [0] Перед вами никого нет
    [one] Перед вами { $count } человек
    [few] Перед вами { $count } человека
   *[many] Перед вами { $count } человек
}
ticket-wait = Обычно ждут до { $minutes ->
    [one] { $minutes } минуты
    [few] { $minutes } минут
   *[many] { $minutes } минут
}
ticket-follow = Следите за очередью по этому коду
ticket-keep = Пожалуйста, сохраните талон до конца приёма

## Письма и сообщения

letter-recovery-subject = Новый пароль для входа
letter-recovery-body =
    Здравствуйте!

    Кто-то, скорее всего вы, попросил новый пароль для входа в систему очереди. Задайте его по ссылке:

    { $link }

    Ссылка работает 30 минут и один раз. Если вы ни о чём не просили, ничего не делайте: пароль останется прежним.
letter-invitation-subject = Приглашение в систему очереди
letter-invitation-body =
    Здравствуйте, { $name }!

    Вас добавили в систему очереди. Чтобы войти, придумайте пароль по ссылке:

    { $link }

    Ссылка работает один раз. Если вы не ждали этого письма, просто удалите его.
letter-code-subject = { $code } — код для входа
letter-code-body =
    Ваш код для входа:

    { $code }

    Код действует 5 минут. Никому его не сообщайте: сотрудники его не спрашивают. Если вы не входили, ничего не делайте.
letter-contact-subject = { $code } — код для подтверждения адреса
letter-contact-body =
    Этот адрес добавляют к учётной записи посетителя. Код подтверждения:

    { $code }

    Код действует 5 минут. Никому его не сообщайте: сотрудники его не спрашивают. Если адрес добавляете не вы, ничего не делайте.
letter-password_changed-subject = Пароль изменён
letter-password_changed-body =
    Здравствуйте!

    Пароль для входа в систему очереди только что изменён, остальные входы завершены.

    Если это сделали не вы, сразу сообщите администратору.
letter-second_factor_added-subject = Вход в два шага включён
letter-second_factor_added-body =
    Здравствуйте!

    Для вашей учётной записи в системе очереди только что включён вход в два шага, остальные входы завершены.

    Если это сделали не вы, сразу сообщите администратору.
letter-second_factor_removed-subject = Вход в два шага выключен
letter-second_factor_removed-body =
    Здравствуйте!

    Для вашей учётной записи в системе очереди только что выключен вход в два шага, остальные входы завершены.

    Если это сделали не вы, сразу сообщите администратору.
letter-second_factor_reset-subject = Администратор выключил ваш вход в два шага
letter-second_factor_reset-body =
    Здравствуйте!

    Администратор только что выключил вход в два шага для вашей учётной записи в системе очереди, все входы завершены. Войдите и настройте его заново.

    Если вы об этом не просили, сразу сообщите другому администратору.
letter-address_changed-subject = У вашей учётной записи другой адрес
letter-address_changed-body =
    Здравствуйте!

    У вашей учётной записи в системе очереди только что сменили адрес почты. По этому адресу войти больше нельзя.

    Если вы об этом не знаете, сразу сообщите администратору.
text-code = { $code } — код для входа. Никому его не сообщайте.
text-contact = { $code } — код, чтобы добавить этот номер. Никому его не сообщайте.

## Роли и права
role-operator = Оператор
role-head = Руководитель отделения
role-admin = Главный администратор
role-analyst = Аналитик
role-auditor = Аудитор
permission-OPEN_PAGE = Открывать страницы
permission-READ_ME = Видеть, кто вошёл
permission-READ_BRANCH = Читать сведения об отделении
permission-READ_BOARD = Смотреть табло
permission-READ_CLOSED_BRANCH = Видеть закрытые для публики отделения
permission-READ_OWN_TICKET = Смотреть талон по его коду
permission-READ_QUEUE = Видеть живую очередь и окна
permission-READ_TICKETS = Читать списки талонов
permission-READ_DECISION = Видеть, почему вызван талон
permission-READ_HISTORY = Читать журнал событий
permission-READ_STATISTICS = Читать статистику
permission-READ_NOTES = Читать заметки о посещении
permission-READ_STAFF_NAMES = Видеть имена сотрудников
permission-READ_TICKET_TOKEN = Получать код талона
permission-READ_ALERTS = Видеть предупреждения
permission-ISSUE_TICKET = Выдавать талоны
permission-ARRIVE_TICKET = Отмечать, что посетитель пришёл
permission-CALL_CUSTOMERS = Вызывать посетителей
permission-PICK_TICKET = Вызывать вне очереди
permission-SERVE_CUSTOMERS = Обслуживать посетителей
permission-ADD_NOTES = Писать заметки о посещении
permission-REPRIORITISE = Менять категорию посетителя
permission-UNDO_STEP = Отменять своё последнее действие
permission-ACKNOWLEDGE_ALERTS = Принимать предупреждения
permission-WORK_AT_WINDOW = Работать в своём окне
permission-TAKE_OVER_WINDOW = Занимать оставленное окно
permission-MANAGE_WINDOWS = Управлять чужими окнами
permission-OPEN_DAY = Открывать рабочий день
permission-MANAGE_DAY = Останавливать приём и закрывать день
permission-MANAGE_BRANCH = Настраивать отделение
permission-MANAGE_DEVICES = Подключать и отключать устройства
permission-READ_STAFF = Видеть сотрудников своих отделений
permission-READ_STRUCTURE = Видеть регионы, должности и роли
permission-ASSIGN_SKILLS = Назначать умения и должности
permission-MANAGE_STAFF = Управлять сотрудниками и их ролями
permission-MANAGE_ROLES = Создавать и менять роли
permission-MANAGE_STRUCTURE = Управлять регионами и должностями
permission-MANAGE_CATALOGUE = Управлять услугами и отделениями
permission-SEND_HEARTBEAT = Сообщать, что устройство работает
permission-READ_METRICS = Читать показатели сервера
permission-OWN_ACCOUNT = Управлять своим входом и паролем
permission-TAKE_TICKET = Брать талон для себя
permission-MANAGE_OWN_ACCOUNT = Управлять своими данными и согласиями
permission-READ_CONSENT_TEXTS = Читать тексты согласий
permission-MANAGE_CONSENT_TEXTS = Публиковать тексты согласий
permission-FIND_CUSTOMERS = Находить клиента по контакту
permission-REVEAL_PERSONAL_DATA = Видеть персональные данные с указанием причины
permission-ERASE_CUSTOMERS = Стирать данные клиента
permission-MANAGE_INTEGRATIONS = Управлять связями с другими системами
